import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isTufError } from '@cargo-tuf/errors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseArchive, findFormats, unpackArchive } from '../src/archive/formats.ts';
import { formatParts, parseParts } from '../src/archive/parts.ts';
import { UNPACK_LIMITS, unpackComponent, type UnpackLimits } from '../src/archive/unpack.ts';
import { placeComponent } from '../src/toolchain/place.ts';
import { gzip, tar, type TarItem, toolArchive, TOP } from './tarballs.ts';

const TOOL = { name: 'tool-x86_64-unknown-linux-gnu', pkg: 'tool' };
let folder: string;
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/unpack-`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Unpacks and places a component into a folder of its own; gives the files of the toolchain. */
async function install(bytes: Uint8Array, limits: Partial<UnpackLimits> = {}): Promise<readonly string[]> {
  count += 1;
  const own = `${folder}/${count}/own`;
  await mkdir(own, { recursive: true });
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += 700) yield bytes.subarray(at, at + 700);
  }
  const component = await unpackComponent(pieces(), TOOL, own, { ...UNPACK_LIMITS, ...limits });
  const toolchain = `${folder}/${count}/toolchain`;
  placeComponent(toolchain, component);
  return filesBelow(toolchain);
}

async function filesBelow(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter(entry => !entry.isDirectory())
    .map(entry => `${entry.parentPath}/${entry.name}`.slice(root.length + 1))
    .sort();
}

const INSTALLED = [
  'bin/tool',
  'lib/rustlib/manifest-tool-x86_64-unknown-linux-gnu',
  'share/tool/a.txt',
  'share/tool/deep/b.txt',
];

describe('a component', () => {
  it('is installed as its manifest lists it, with the modes that rustup gives', async () => {
    expect(await install(toolArchive())).toEqual(INSTALLED);
    const program = await stat(`${folder}/${count}/toolchain/bin/tool`);
    expect(program.mode & 0o7777).toBe(0o755);
    expect(await readFile(`${folder}/${count}/toolchain/${INSTALLED[1]}`, 'utf8')).toBe(
      'file:bin/tool\ndir:share/tool\n',
    );
  });

  it('has its large files whole, in whatever pieces they came', async () => {
    const content = Array.from({ length: 400_000 }, (_, number) => `${number * 7919}`).join(' ');
    const bytes = toolArchive([{ path: 'share/tool/large.txt', content }]);
    expect(content.length).toBeGreaterThan(3 * 1024 * 1024);
    await install(bytes);
    expect(await readFile(`${folder}/${count}/toolchain/share/tool/large.txt`, 'utf8')).toBe(content);
  });

  it('is never for others to write, whatever its archive and the umask say', async () => {
    const before = process.umask(0);
    try {
      const file = { path: `${TOP}/tool/bin/tool`, content: '#!/bin/sh\n' };
      const lists = [
        { path: `${TOP}/rust-installer-version`, content: '3\n' },
        { path: `${TOP}/components`, content: 'tool\n' },
        { path: `${TOP}/tool/manifest.in`, content: 'file:bin/tool\n' },
      ];
      for (const [mode, expected] of [
        [0o777, 0o755],
        [0o666, 0o644],
        [0o600, 0o644],
      ] as const) {
        await install(tar([...lists, { ...file, mode }]));
        expect((await stat(`${folder}/${count}/toolchain/bin/tool`)).mode & 0o7777).toBe(expected);
      }
    } finally {
      process.umask(before);
    }
  });

  it('leaves what is not listed behind', async () => {
    expect(await install(toolArchive([{ path: 'bin/extra', content: 'x' }]))).toEqual(INSTALLED);
  });

  const hostile: readonly (readonly [string, readonly TarItem[], string])[] = [
    ['a path that climbs', [{ path: '../../../evil', content: 'x' }], 'INSTALL_ARCHIVE_UNSAFE'],
    [
      'a path that climbs within',
      [{ path: 'share/../../../../evil', content: 'x' }],
      'INSTALL_ARCHIVE_UNSAFE',
    ],
    ['a dot segment', [{ path: './x', content: 'x' }], 'INSTALL_ARCHIVE_UNSAFE'],
    ['a backslash', [{ path: 'share\\..\\evil', content: 'x' }], 'INSTALL_ARCHIVE_UNSAFE'],
    ['a drive', [{ path: 'C:evil', content: 'x' }], 'INSTALL_ARCHIVE_UNSAFE'],
    ['a control character', [{ path: 'share/\u001b[2J', content: 'x' }], 'INSTALL_ARCHIVE_UNSAFE'],
    ['a link', [{ path: 'share/link', kind: '2', link: '/etc/passwd' }], 'INSTALL_ARCHIVE_UNSAFE'],
    ['a hard link', [{ path: 'share/link', kind: '1', link: '/etc/passwd' }], 'INSTALL_ARCHIVE_UNSAFE'],
    ['a device', [{ path: 'share/null', kind: '3' }], 'INSTALL_ARCHIVE_UNSAFE'],
    ['a pipe', [{ path: 'share/pipe', kind: '6' }], 'INSTALL_ARCHIVE_UNSAFE'],
    ['a set-user-id bit', [{ path: 'bin/su', content: 'x', mode: 0o4755 }], 'INSTALL_ARCHIVE_UNSAFE'],
    ['one path twice', [{ path: 'bin/tool', content: 'x' }], 'INSTALL_ARCHIVE_UNSAFE'],
    ['a folder where a file is', [{ path: 'bin/tool/', kind: '5' }], 'INSTALL_ARCHIVE_UNSAFE'],
    ['a file in a file', [{ path: 'bin/tool/x', content: 'x' }], 'INSTALL_ARCHIVE_UNSAFE'],
    ['a second list', [{ path: 'manifest.in', content: 'file:bin/tool\n' }], 'INSTALL_ARCHIVE_UNSAFE'],
    ['a size beyond the archive', [{ path: 'share/big', size: 1_000_000 }], 'INSTALL_ARCHIVE'],
    ['a size that the disk has not', [{ path: 'share/big', size: 0o77777777777 }], 'INSTALL_ARCHIVE'],
  ];
  it.each(hostile)('with %s is refused', async (_, items, code) => {
    await expect(install(toolArchive(items))).rejects.toMatchObject({ code });
    expect((await readdir(folder)).every(name => /^\d+$/.test(name))).toBe(true);
  });

  it.each([
    ['/etc/evil', 'INSTALL_ARCHIVE_UNSAFE'],
    ['other/evil', 'INSTALL_ARCHIVE_UNSAFE'],
  ])('beside its own folder, as %s, is refused', async (path, code) => {
    await expect(
      install(
        tar([
          { path: `${TOP}/components`, content: 'tool\n' },
          { path, content: 'x' },
        ]),
      ),
    ).rejects.toMatchObject({ code });
  });

  it.each([
    ['file:../evil', 'INSTALL_ARCHIVE_UNSAFE'],
    ['file:/etc/passwd', 'INSTALL_ARCHIVE_UNSAFE'],
    ['link:bin/tool', 'INSTALL_ARCHIVE'],
    ['bin/tool', 'INSTALL_ARCHIVE'],
    ['file:bin/other', 'INSTALL_ARCHIVE'],
    ['dir:bin/tool', 'INSTALL_ARCHIVE'],
    ['file:share/tool', 'INSTALL_ARCHIVE'],
    ['file:bin/tool\nfile:bin/tool', 'INSTALL_ARCHIVE'],
    ['file:lib/rustlib/components', 'INSTALL_ARCHIVE_UNSAFE'],
    ['file:lib/rustlib/Multirust-config.toml', 'INSTALL_ARCHIVE_UNSAFE'],
    ['file:lib/rustlib/manifest-rustc', 'INSTALL_ARCHIVE_UNSAFE'],
    ['dir:lib', 'INSTALL_ARCHIVE_UNSAFE'],
  ])('whose manifest lists %s is refused', async (line, code) => {
    await expect(install(toolArchive([], `${line}\n`))).rejects.toMatchObject({ code });
  });

  it.each([{ entries: 7 }, { unpackedBytes: 60 }, { listBytes: 3 }])('is bounded: %j', async limits => {
    await expect(install(toolArchive(), limits)).rejects.toSatisfy(error =>
      isTufError(error, 'INSTALL_ARCHIVE', 'INSTALL_ARCHIVE_UNSAFE'),
    );
  });

  it('of another version, or of another name, is refused', async () => {
    const version = (text: string) => tar([{ path: `${TOP}/rust-installer-version`, content: text }]);
    await expect(install(version('2'))).rejects.toThrow('installer version "2", expected "3"');
    await expect(install(version('3'))).rejects.toThrow('has no component of that name');
    await expect(install(new Uint8Array(0))).rejects.toMatchObject({ code: 'INSTALL_ARCHIVE' });
  });

  it('damaged in any byte is refused, or installs the same names', async () => {
    const whole = tar([
      { path: `${TOP}/rust-installer-version`, content: '3\n' },
      { path: `${TOP}/components`, content: 'tool\n' },
      { path: `${TOP}/tool/manifest.in`, content: 'file:bin/tool\n' },
      { path: `${TOP}/tool/bin/tool`, content: '#!/bin/sh\n', mode: 0o755 },
    ]);
    let refused = 0;
    for (let at = 0; at < whole.length; at += 1) {
      const damaged = whole.slice();
      damaged[at] = (damaged[at] as number) ^ 0xff;
      const outcome = await install(damaged).catch((error: unknown) => error);
      if (isTufError(outcome)) refused += 1;
      else {
        // Contents are not the tar's to protect: the hash is over all of it.
        expect(outcome).toEqual(INSTALLED.slice(0, 2));
      }
      await rm(`${folder}/${count}`, { recursive: true, force: true });
    }
    expect(refused).toBeGreaterThan(whole.length * 0.9);
  }, 120_000);
});

describe('an archive', () => {
  const formats = findFormats(process.env);

  async function unpacked(bytes: Uint8Array, format: 'gz' | 'xz' | 'zst', of = formats): Promise<Uint8Array> {
    const file = `${folder}/archive.${format}`;
    await writeFile(file, bytes);
    const pieces: Uint8Array[] = [];
    for await (const piece of unpackArchive(file, format, of)) pieces.push(piece);
    return new Uint8Array(Buffer.concat(pieces));
  }

  const content = toolArchive([{ path: 'share/tool/c.txt', content: 'c'.repeat(100_000) }]);

  it('of gzip is unpacked; cut off or damaged in any byte it is refused, or has the same content', async () => {
    const packed = gzip(content);
    expect(await unpacked(packed, 'gz')).toEqual(content);
    for (let at = 0; at < packed.length; at += 1) {
      // Of nothing at all there is nothing in it, which the tar's reader refuses.
      if (at > 0)
        await expect(unpacked(packed.subarray(0, at), 'gz')).rejects.toMatchObject({
          code: 'INSTALL_ARCHIVE',
        });
      const damaged = packed.slice();
      damaged[at] = (damaged[at] as number) ^ 0xff;
      const outcome = await unpacked(damaged, 'gz').catch((error: unknown) => error);
      if (outcome instanceof Uint8Array) expect(outcome).toEqual(content);
      else expect(outcome).toMatchObject({ code: 'INSTALL_ARCHIVE' });
    }
  }, 120_000);

  it('of xz is unpacked, and refused when it is cut off', async context => {
    context.skip(formats.xz === undefined, 'needs the program xz');
    const packed = new Uint8Array(execFileSync('xz', ['-c'], { input: content }));
    expect(await unpacked(packed, 'xz')).toEqual(content);
    for (const length of [0, 5, packed.length - 1])
      await expect(unpacked(packed.subarray(0, length), 'xz')).rejects.toMatchObject({
        code: 'INSTALL_ARCHIVE',
      });
    const damaged = packed.slice();
    damaged[packed.length >> 1] = (damaged[packed.length >> 1] as number) ^ 1;
    await expect(unpacked(damaged, 'xz')).rejects.toMatchObject({ code: 'INSTALL_ARCHIVE' });
    const gone = { ...formats, xz: `${folder}/no-xz` };
    await expect(unpacked(packed, 'xz', gone)).rejects.toMatchObject({ code: 'INSTALL_NO_XZ' });
  });

  it('of xz is left before its end', async context => {
    context.skip(formats.xz === undefined, 'needs the program xz');
    const file = `${folder}/large.xz`;
    await writeFile(file, execFileSync('xz', ['-c0'], { input: Buffer.alloc(32 * 1024 * 1024) }));
    const pieces = unpackArchive(file, 'xz', formats);
    expect((await pieces.next()).done).toBe(false);
    // What has been unpacked meanwhile is more than waits for a reader.
    await new Promise(resolve => setTimeout(resolve, 200));
    expect(await pieces.return(undefined)).toEqual({ done: true, value: undefined });
  });

  const canZst = formats.zst !== undefined && spawnSync('zstd', ['--version']).status === 0;
  it('of Zstandard is unpacked', async context => {
    context.skip(!canZst, 'needs the program zstd');
    const packed = new Uint8Array(execFileSync('zstd', ['-qc'], { input: content }));
    expect(await unpacked(packed, 'zst')).toEqual(content);
    const damaged = packed.slice();
    damaged[packed.length >> 1] = (damaged[packed.length >> 1] as number) ^ 1;
    await expect(unpacked(damaged, 'zst')).rejects.toMatchObject({ code: 'INSTALL_ARCHIVE' });
  });

  it('is chosen by what this machine can unpack', () => {
    const archive = (format: 'gz' | 'xz' | 'zst') => ({
      format,
      path: `dist/x.tar.${format}`,
      sha256: 'ab'.repeat(32),
    });
    const component = {
      name: 'tool',
      pkg: 'tool',
      target: '*',
      archives: [archive('zst'), archive('xz'), archive('gz')],
    };
    expect(chooseArchive(component, { xz: undefined, zst: undefined }).format).toBe('gz');
    expect(chooseArchive(component, { xz: '/usr/bin/xz', zst: undefined }).format).toBe('xz');
    const only = { ...component, archives: [archive('xz')] };
    expect(() => chooseArchive(only, { xz: undefined, zst: undefined })).toThrow('offered as xz only');
    expect(findFormats({ PATH: 'relative:.:' }).xz).toBeUndefined();
  });
});

it('parts are written as they are read', () => {
  const text = 'file:bin/rustc\ndir:share/doc/rust/html\n';
  expect(formatParts(parseParts(text, 'rustc'))).toBe(text);
});
