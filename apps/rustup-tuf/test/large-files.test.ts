// Large files are written behind the archive that is being unpacked: late, in part, or not at all.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { unpackComponent } from '../src/archive/unpack.ts';
import { toolArchive } from './tarballs.ts';

type Write = (file: number, pieces: readonly Uint8Array[]) => Promise<{ bytesWritten: number }>;
const disk = vi.hoisted(() => ({ write: undefined as Write | undefined }));

vi.mock('node:fs', async importOriginal => {
  const { promisify } = await import('node:util');
  const real = await importOriginal<typeof import('node:fs')>();
  const write = promisify(real.writev) as Write;
  const writev = Object.assign(() => undefined, {
    [promisify.custom]: (file: number, pieces: readonly Uint8Array[]) => (disk.write ?? write)(file, pieces),
  });
  return { ...real, writev };
});

const MIB = 1024 * 1024;
const CONTENT = Array.from({ length: 700_000 }, (_, number) => `${number * 7919}`).join(' ');
let folder: string;
let write: (file: number, pieces: readonly Uint8Array[], most: number) => Promise<{ bytesWritten: number }>;

beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/large-`);
  const real = await vi.importActual<typeof import('node:fs')>('node:fs');
  write = async (file, pieces, most) => ({
    bytesWritten: real.writeSync(file, Buffer.concat([...pieces]).subarray(0, most)),
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The content of a file of 6 MiB as it was unpacked. */
async function unpacked(name: string): Promise<string> {
  const bytes = toolArchive([{ path: 'share/tool/large.txt', content: CONTENT }]);
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000);
  }
  const own = await mkdtemp(`${folder}/${name}-`);
  await unpackComponent(pieces(), { name: 'tool-x86_64-unknown-linux-gnu', pkg: 'tool' }, own);
  return readFile(`${own}/tool/share/tool/large.txt`, 'utf8');
}

describe('a large file', () => {
  it('is in its order where the disk is late', async () => {
    let running = 0;
    let calls = 0;
    disk.write = async (file, pieces) => {
      running += 1;
      expect(running).toBe(1);
      // The later, the sooner: whatever does not wait overtakes.
      await new Promise(resolve => setTimeout(resolve, 40 / (calls += 1)));
      running -= 1;
      return write(file, pieces, Number.POSITIVE_INFINITY);
    };
    expect((await unpacked('late')) === CONTENT).toBe(true);
    expect(calls).toBeGreaterThan(3);
  });

  it('is whole where the disk takes a part', async () => {
    const parts = [MIB, 250_001, 0];
    disk.write = (file, pieces) => write(file, pieces, parts.shift() ?? 1);
    expect((await unpacked('part')) === CONTENT).toBe(true);
  });

  it.each([1, 2, 4])('is refused where write %i fails', async which => {
    let calls = 0;
    disk.write = async (file, pieces) => {
      if ((calls += 1) === which) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      return write(file, pieces, Number.POSITIVE_INFINITY);
    };
    await expect(unpacked('full')).rejects.toMatchObject({ code: 'INSTALL_FILE' });
    expect(calls).toBe(which);
  });
});
