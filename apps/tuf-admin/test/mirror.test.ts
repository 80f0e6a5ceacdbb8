import { openClient, openMemoryStore, type Snapshot, type Source } from '@cargo-tuf/client';
import { openFolderSource } from '@cargo-tuf/http-transport';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { copyRepository, type CopyReport } from '../src/mirror/copy.ts';
import { openMirrorFolder } from '../src/mirror/mirror-folder.ts';
import { readSelection } from '../src/mirror/selection.ts';
import { HOUR, openRegistry, type Trial } from './trial.ts';

let trial: Trial;

beforeEach(async () => {
  trial = await openRegistry();
  for (const [name, version] of [
    ['itoa', '1.0.0'],
    ['itoa', '1.0.1'],
    ['ryu', '1.0.0'],
    ['two-words', '0.1.0'],
  ] as const)
    await trial.crate('crates', name, version);
  await trial.done('publish', 'registry', '--crates', 'crates');
});

const url = (): string => `file://${trial.path('registry/public')}/`;
const mirror = (...args: readonly string[]): ReturnType<Trial['run']> =>
  trial.run('mirror', url(), 'mirror', '--root', 'registry/public/metadata/1.root.json', ...args);

async function publish(name: string, version: string): Promise<void> {
  trial.now += 1000;
  await trial.crate('more', name, version);
  await trial.done('publish', 'registry', '--crates', 'more');
  await rm(trial.path('more'), { recursive: true });
}

/** What a client with no memory gets from the mirror alone. */
async function asClient(folder = 'mirror'): Promise<Snapshot> {
  const root = await readFile(trial.path('registry/public/metadata/1.root.json'));
  const source = openFolderSource(trial.path(`${folder}/public`));
  return openClient({ root, source, store: openMemoryStore(), clock: () => trial.now }).sync();
}

async function filesOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const path of await trial.files(folder)) {
    // What publishers keep for themselves.
    if (!path.endsWith('.counts'))
      files.set(path, encodeHex(sha256(await readFile(trial.path(`${folder}/${path}`)))));
  }
  return files;
}

describe('a complete mirror', () => {
  it('has every file that a client can ask for, byte for byte', async () => {
    await trial.done('renew', 'registry', '--root');
    const { json } = await mirror('--json').then(outcome => outcome);
    expect(json).toMatchObject({ timestamp: 3, tree: 2, complete: true, archives: 4, absent: [] });
    const wanted = new Map(await filesOf('registry/public'));
    // Older versions of roles, which no timestamp leads to.
    for (const path of wanted.keys())
      if (/^metadata\/[12]\.(crates\.json|snapshot\.json|bundle)$/.test(path)) wanted.delete(path);
    expect(await filesOf('mirror/public')).toEqual(wanted);
    expect((await trial.done('verify', 'mirror')).stdout).toContain('3 crates, 4 versions, 4 archives');
  });

  it('is brought up to date at the cost of the change', async () => {
    await mirror();
    await publish('ryu', '1.0.1');
    const asked: string[] = [];
    const report = await copy({ fetched: path => void asked.push(path) });
    expect(report).toMatchObject({ tree: 3, archives: 1 });
    // A root that is not there, timestamp, bundle, tile, entry, archive, and what changed, in four files.
    expect(asked.length).toBeLessThanOrEqual(10);
    expect((await trial.done('verify', 'mirror')).stdout).toContain('3 crates, 5 versions, 5 archives');
    const again = await copy();
    expect(again.written).toBe(0);
  });

  it('cut off anywhere, before and after each step, serves the state before; the next run goes on', async () => {
    const steps = async (folder: string, most: number): Promise<number> => {
      let count = 0;
      await copy({
        folder,
        before: () => {
          if (count === most) throw new Error('cut off');
          count += 1;
        },
        after: () => {
          if (count === most) throw new Error('cut off');
        },
      }).catch((error: unknown) => {
        if (!String(error).includes('cut off')) throw error;
      });
      return count;
    };
    await mirror();
    await publish('ryu', '1.0.1');
    await publish('newer', '0.1.0');
    for (let most = 0; ; most++) {
      await rm(trial.path('cut'), { recursive: true, force: true });
      await copyFolder('mirror', 'cut');
      const count = await steps('cut', most);
      const snapshot = await asClient('cut');
      const ended = count < most;
      expect(snapshot.versions.tree, `step ${most}`).toBe(ended ? 4 : snapshot.versions.tree);
      const entries = await snapshot.entries(['itoa', 'ryu', 'newer']);
      expect(entries.get('newer') === undefined, `step ${most}`).toBe(snapshot.versions.tree === 2);
      expect((await trial.done('verify', 'cut')).code).toBe(0);
      if (ended) break;
      await steps('cut', Number.MAX_SAFE_INTEGER);
      expect((await asClient('cut')).versions.tree).toBe(4);
      expect((await trial.done('verify', 'cut')).stdout).toContain('4 crates');
    }
  });

  it('takes nothing that does not verify, and stays as it is', async () => {
    await mirror();
    await publish('ryu', '1.0.1');
    const before = await filesOf('mirror/public');
    const asked: string[] = [];
    await copyFolder('mirror', 'probe');
    // A bundle that is wrong is as good as none: the roles are asked for one by one.
    const noBundle = (path: string, bytes: Uint8Array): Uint8Array =>
      path.endsWith('.bundle') ? flipped(bytes) : bytes;
    await copy({ folder: 'probe', fetched: path => void asked.push(path), bend: noBundle });
    for (const bad of asked.filter(each => !/\.(root\.json|bundle)$/.test(each))) {
      await expect(
        copy({ bend: (path, bytes) => (path === bad ? flipped(bytes) : noBundle(path, bytes)) }),
        bad,
      ).rejects.toMatchObject({
        code: expect.stringMatching(/^(METADATA|JSON|MERKLE|ADMIN|CLIENT|INDEX)_/),
      });
      const standing = await filesOf('mirror/public');
      expect(standing.get('metadata/timestamp.json')).toBe(before.get('metadata/timestamp.json'));
      expect((await asClient()).versions.tree).toBe(2);
    }
    expect(asked.length).toBeGreaterThan(5);
    expect(await copy()).toMatchObject({ tree: 3 });
  });

  it('is repaired by --verify, whatever file was damaged', async () => {
    await mirror();
    const right = await filesOf('mirror/public');
    for (const path of right.keys()) {
      const file = trial.path(`mirror/public/${path}`);
      await writeFile(file, flipped(await readFile(file)));
    }
    const repaired = await mirror('--verify', '--json');
    expect(repaired.json).toMatchObject({ written: right.size, archives: 4 });
    expect(await filesOf('mirror/public')).toEqual(right);
  });
});

describe('a partial mirror', () => {
  const lock = (...packages: readonly (readonly [string, string, string])[]): string =>
    packages
      .map(
        ([name, version, checksum]) =>
          `[[package]]\nname = "${name}"\nversion = "${version}"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "${checksum}"\n`,
      )
      .join('\n');

  it('has what a lockfile names, and proves the spellings absent that cargo asks for', async () => {
    const archive = await readFile(trial.path('crates/two-words-0.1.0.crate'));
    await writeFile(
      trial.path('Cargo.lock'),
      `version = 4\n\n${lock(['two-words', '0.1.0', encodeHex(sha256(archive))], ['elsewhere', '1.0.0', '00'.repeat(32)])}`,
    );
    const { json } = await mirror('--lockfile', 'Cargo.lock', '--json');
    expect(json).toMatchObject({ complete: false, archives: 1, absent: ['elsewhere'] });
    const snapshot = await asClient();
    const entries = await snapshot.entries(['two-words', 'two_words', 'elsewhere']);
    expect([...entries.values()].map(entry => entry !== undefined)).toEqual(
      expect.arrayContaining([true, false, false]),
    );
    const paths = await trial.files('mirror/public');
    expect(paths.filter(path => path.startsWith('crates/'))).toEqual([
      'crates/two-words/two-words-0.1.0.crate',
    ]);
    expect(paths.filter(path => path.startsWith('targets/')).length).toBe(2);
    await expect(snapshot.entries(['itoa'])).rejects.toMatchObject({ code: 'CLIENT_MISSING' });
  });

  it('has the versions that are named, grows, and becomes a complete one', async () => {
    await writeFile(trial.path('list.txt'), '# ours\nITOA@1.0.0  # this one alone\n\n');
    expect((await mirror('--list', 'list.txt', '--crate', 'ryu', '--json')).json).toMatchObject({
      archives: 2,
    });
    expect((await trial.files('mirror/public/crates')).join()).toBe(
      'itoa/itoa-1.0.0.crate,ryu/ryu-1.0.0.crate',
    );
    expect((await mirror('--json')).json).toMatchObject({ complete: true, archives: 2 });
    expect((await trial.done('verify', 'mirror')).stdout).toContain('4 archives');
    expect((await mirror('--json')).json).toMatchObject({ written: 0 });
  });

  it('without archives', async () => {
    expect((await mirror('--index-only', '--json')).json).toMatchObject({ complete: true, archives: 0 });
    expect((await trial.files('mirror/public')).some(path => path.startsWith('crates/'))).toBe(false);
    // Archives are not taken for copied because the tiles are there.
    expect((await mirror('--json')).json).toMatchObject({ complete: true, archives: 4 });
  });
});

describe('what a mirror trusts', () => {
  it('is given once: a root, or its fingerprint', async () => {
    const bare = await trial.run('mirror', url(), 'mirror');
    expect(bare).toMatchObject({ code: 2, stderr: expect.stringContaining('ADMIN_MIRROR') });
    const wrong = await trial.run('mirror', url(), 'mirror', '--fingerprint', '00'.repeat(32));
    expect(wrong.stderr).toContain('ADMIN_MIRROR');
    const root = await readFile(trial.path('registry/public/metadata/1.root.json'));
    await trial.done('mirror', url(), 'mirror', '--fingerprint', encodeHex(sha256(root)));
    await trial.done('mirror', url(), 'mirror');
    await trial.done('renew', 'registry', '--root');
    const other = await trial.run(
      'mirror',
      url(),
      'mirror',
      '--root',
      'registry/public/metadata/2.root.json',
    );
    expect(other.stderr).toContain('another root');
    const itself = await trial.run('mirror', url(), 'registry', '--fingerprint', encodeHex(sha256(root)));
    expect(itself.stderr).toContain('is the repository itself');
  });

  it('can be a later root; older ones are copied for those who trust them', async () => {
    await trial.done('renew', 'registry', '--root');
    await trial.done('mirror', url(), 'mirror', '--root', 'registry/public/metadata/2.root.json');
    expect((await asClient()).versions.root).toBe(2);
  });

  it('is remembered: an older state is not copied over a newer one', async () => {
    await copyFolder('registry', 'old');
    await publish('ryu', '1.0.1');
    await mirror();
    trial.now += HOUR;
    const back = await trial.run('mirror', `file://${trial.path('old/public')}/`, 'mirror');
    expect(back).toMatchObject({ code: 4, stderr: expect.stringContaining('CLIENT_ROLLBACK') });
    expect((await asClient()).versions.tree).toBe(3);
  });
});

interface Steps {
  readonly folder?: string;
  /** Told of the path of each fetch and each write, before and after. */
  readonly before?: (path: string) => void;
  readonly after?: (path: string) => void;
  readonly fetched?: (path: string) => void;
  readonly bend?: (path: string, bytes: Uint8Array) => Uint8Array;
}

/** The copy itself, step by step. */
async function copy({ folder = 'mirror', before, after, fetched, bend }: Steps = {}): Promise<CopyReport> {
  const honest = openFolderSource(trial.path('registry/public'));
  const step = async <T>(path: string, work: () => Promise<T>): Promise<T> => {
    before?.(path);
    const result = await work();
    after?.(path);
    return result;
  };
  const source: Source = {
    fetch: (path, options) =>
      step(path, async () => {
        fetched?.(path);
        const bytes = await honest.fetch(path, { maxLength: options.maxLength });
        return bytes === null || bend === undefined ? bytes : bend(path, bytes);
      }),
    download: async function* (path, options) {
      before?.(path);
      fetched?.(path);
      for await (const chunk of honest.download(path, { maxLength: options.maxLength }))
        yield bend?.(path, chunk) ?? chunk;
    },
  };
  const root = trial.path('registry/public/metadata/1.root.json');
  const opened = await openMirrorFolder(trial.path(folder), source, { root });
  const files: typeof opened.files = {
    get: path => opened.files.get(path),
    has: path => opened.files.has(path),
    putIfAbsent: (path, bytes) => step(path, () => opened.files.putIfAbsent(path, bytes)),
    compareAndSwap: (path, bytes, tag) => step(path, () => opened.files.compareAndSwap(path, bytes, tag)),
    putStream: (path, chunks) => step(path, () => opened.files.putStream(path, chunks)),
  };
  const selection = await readSelection({ lockfile: [], crate: [], list: [] });
  const mirrorFolder = { ...opened, files };
  const options = { source, http: undefined, mirror: mirrorFolder, selection };
  return copyRepository({ ...options, archives: true, verify: false, clock: () => trial.now });
}

async function copyFolder(from: string, to: string): Promise<void> {
  await cp(trial.path(from), trial.path(to), { recursive: true });
}

function flipped(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, at) => (at === bytes.length >> 1 ? byte ^ 1 : byte));
}
