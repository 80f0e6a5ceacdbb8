// test-vectors/client, through `openClient` and a store in a folder. The form of a case stands in the README there.

import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import {
  acceptRoot,
  type Client,
  type ClientLimits,
  openClient,
  type Snapshot,
  trustRoot,
} from '@cargo-tuf/client';
import { type FolderStore, nodeFileSystem, openFolderStore } from '@cargo-tuf/folder-store';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { parseEnvelope, parseTime, verifyRole } from '@cargo-tuf/metadata';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const FOLDER = new URL('../../../test-vectors/client/', import.meta.url);
const ROLES = ['root', 'timestamp', 'snapshot', 'targets'] as const;

/** The reasons of the vectors, by our codes. */
const CODES: Readonly<Record<string, readonly string[]>> = {
  delegations: ['CLIENT_DELEGATIONS'],
  expired: ['CLIENT_EXPIRED'],
  format: [
    'JSON_DUPLICATE_KEY',
    'JSON_SYNTAX',
    'METADATA_DUPLICATE',
    'METADATA_SHAPE',
    'METADATA_SPEC_VERSION',
    'METADATA_TIME',
  ],
  hash: ['METADATA_HASH'],
  length: ['METADATA_LENGTH', 'TOO_LONG'],
  mix: ['CLIENT_MIX'],
  'no-state': ['CLIENT_NO_STATE'],
  'not-found': ['CLIENT_MISSING'],
  rollback: ['CLIENT_ROLLBACK'],
  'root-rotations': ['CLIENT_ROOT_ROTATIONS'],
  'signature-threshold': ['METADATA_THRESHOLD'],
  'too-long': ['TOO_LONG'],
  type: ['CLIENT_ANCHOR', 'METADATA_TYPE'],
  version: ['CLIENT_ROOT_VERSION'],
};

type Versions = Readonly<Record<(typeof ROLES)[number], number | null>>;
type Reason = string | readonly string[];

interface Step {
  readonly time: string;
  readonly restart?: true;
  readonly store?: {
    readonly delete?: readonly string[];
    readonly truncate?: readonly string[];
    readonly replace?: Readonly<Record<string, string>>;
  };
  readonly serves?: Readonly<Record<string, string>>;
  readonly action: { readonly refresh?: true; readonly offline?: true; readonly targets?: readonly string[] };
  readonly expect: { readonly delegated?: Readonly<Record<string, number | null>> } & (
    | {
        readonly result: 'ok';
        readonly versions: Versions;
        readonly targets?: Readonly<Record<string, string | { readonly refused: Reason }>>;
      }
    | { readonly result: 'refused'; readonly reason: Reason; readonly trusted: Versions }
  );
}

interface Case {
  readonly section: string;
  readonly description: string;
  readonly anchor: string;
  readonly limits?: Partial<ClientLimits>;
  readonly steps: readonly Step[];
}

interface VectorFile {
  readonly cases: readonly Case[];
  readonly files: Readonly<Record<string, string>>;
}

const names = readdirSync(FOLDER).filter(name => name.endsWith('.json'));
/** Without waiting for the disk: no case is about lost power. */
const FILE_SYSTEM = { ...nodeFileSystem, sync: async () => undefined };
const encode = (text: string) => new TextEncoder().encode(text);
const digestOf = (bytes: Uint8Array) => encodeHex(sha256(bytes));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(`${tmpdir()}/client-vectors-`);
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe.each(names)('%s', name => {
  const { cases, files } = JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as VectorFile;

  it('names every file by the start of its SHA-256', () => {
    for (const [id, text] of Object.entries(files)) expect(digestOf(encode(text)).slice(0, 16)).toBe(id);
  });

  it.each(cases.map(each => [`${each.section} ${each.description}`, each] as const))(
    '%s',
    async (_, each) => {
      const run = new Run(each, files);
      for (const [index, step] of each.steps.entries()) await run.take(step, `step ${index + 1}`);
    },
  );
});

/** One case: a store, an instance of the client at a time, and what the mirror serves. */
class Run {
  readonly #case: Case;
  readonly #files: VectorFile['files'];
  #serves: Readonly<Record<string, string>> = {};
  #time = 0;
  #store: FolderStore | undefined;
  #client: Client | undefined;
  #snapshot: Snapshot | undefined;

  constructor(given: Case, files: VectorFile['files']) {
    this.#case = given;
    this.#files = files;
  }

  async take(step: Step, label: string): Promise<void> {
    const { action, expect: expected } = step;
    this.#time = parseTime(step.time);
    this.#serves = step.serves ?? {};
    if (step.restart || this.#store === undefined) {
      this.#store = await openFolderStore(folder, { fileSystem: FILE_SYSTEM });
      this.#client = undefined;
      this.#snapshot = undefined;
    }
    await this.#damage(step);
    const refused = await reasonOf(async () => {
      const client = (this.#client ??= this.#open());
      if (action.offline) this.#snapshot = await client.openOffline();
      else if (action.refresh) this.#snapshot = await client.sync();
    });
    if (expected.result === 'refused') {
      assertRefused(refused, expected.reason, label);
      expect(await this.#trusted(), `${label}: trusted`).toEqual(expected.trusted);
    } else {
      expect(refused, label).toBe('ok');
      const versions = Object.fromEntries(ROLES.map(role => [role, this.#snapshot?.versions[role]]));
      expect(versions, `${label}: versions`).toEqual(expected.versions);
      for (const path of action.targets ?? []) await this.#takeTarget(path, expected.targets?.[path], label);
      if (step.store === undefined || action.refresh)
        expect(await this.#trusted(), `${label}: trusted`).toEqual(expected.versions);
    }
    await this.#store.settled();
    for (const [role, version] of Object.entries(expected.delegated ?? {}))
      expect(await this.#keptVersion(role), `${label}: ${role}`).toBe(version);
  }

  #open(): Client {
    return openClient({
      root: this.#file(this.#case.anchor),
      store: this.#store as FolderStore,
      source: { fetch: async (path, { maxLength }) => this.#fetch(path, maxLength) },
      clock: () => this.#time,
      ...(this.#case.limits && { limits: this.#case.limits }),
    });
  }

  #fetch(path: string, maxLength: number): Uint8Array | null {
    if (!Object.hasOwn(this.#serves, path)) return null;
    const bytes = this.#file(this.#serves[path] as string);
    if (bytes.length > maxLength) throw Object.assign(new Error(path), { code: 'TOO_LONG' });
    return bytes;
  }

  #file(id: string): Uint8Array {
    const text = this.#files[id];
    if (text === undefined) throw new Error(`${id}: not in the table of files`);
    return encode(text);
  }

  async #takeTarget(path: string, expected: string | { refused: Reason } | undefined, label: string) {
    const what = `${label}: ${path}`;
    let found = 'absent';
    const refused = await reasonOf(async () => {
      const bytes = await this.#snapshot?.fetchTarget(path);
      if (bytes !== undefined) found = digestOf(bytes);
    });
    if (typeof expected === 'object') return assertRefused(refused, expected.refused, what);
    expect(refused, what).toBe('ok');
    expect(found, what).toBe(expected);
  }

  /** Versions of the files in the store that verify up from the anchor. */
  async #trusted(): Promise<Versions> {
    const { documents } = await (this.#store as FolderStore).read();
    let trusted: ReturnType<typeof trustRoot>;
    try {
      trusted = trustRoot(this.#file(this.#case.anchor));
    } catch {
      return { root: null, timestamp: null, snapshot: null, targets: null };
    }
    for (;;) {
      const next = documents.get(`root.${trusted.root.value.version + 1}`);
      if (next === undefined) break;
      trusted = acceptRoot(trusted, next);
    }
    const { keys, roles, version } = trusted.root.value;
    const versionOf = (role: 'timestamp' | 'snapshot' | 'targets') => {
      const bytes = documents.get(role);
      const delegation = roles.get(role);
      if (bytes === undefined || delegation === undefined) return null;
      try {
        return verifyRole(parseEnvelope(bytes), role, keys, delegation, role).value.version;
      } catch {
        return null;
      }
    };
    return {
      root: version,
      timestamp: versionOf('timestamp'),
      snapshot: versionOf('snapshot'),
      targets: versionOf('targets'),
    };
  }

  async #keptVersion(role: string): Promise<number | null> {
    const { documents } = await (this.#store as FolderStore).read();
    const bytes = documents.get(`delegated.${role}`);
    if (bytes === undefined) return null;
    return (JSON.parse(new TextDecoder().decode(bytes)) as { signed: { version: number } }).signed.version;
  }

  async #damage({ store: damage }: Step): Promise<void> {
    for (const role of damage?.delete ?? []) await rm(await this.#pathOf(role));
    for (const role of damage?.truncate ?? []) await truncate(await this.#pathOf(role), 99);
    for (const [role, id] of Object.entries(damage?.replace ?? {})) {
      const store = this.#store as FolderStore;
      const { revision } = await store.read();
      await store.replace(revision, new Map([[role, this.#file(id)]]));
    }
  }

  /** Where the folder store has the file of a role. */
  async #pathOf(role: string): Promise<string> {
    const manifest = JSON.parse(readFileSync(`${folder}/state.json`, 'utf8')) as {
      documents: Record<string, { sha256: string }>;
    };
    const document = Object.keys(manifest.documents).findLast(
      each => each === role || each === `delegated.${role}` || (role === 'root' && each.startsWith('root.')),
    );
    return `${folder}/documents/${manifest.documents[document ?? '']?.sha256}`;
  }
}

async function reasonOf(work: () => Promise<void>): Promise<string> {
  try {
    await work();
    return 'ok';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

function assertRefused(code: string, reason: Reason, label: string): void {
  const codes = [reason].flat().flatMap(each => CODES[each] ?? [`no such reason: ${each}`]);
  expect(codes, `${label}: refused`).toContain(code);
}
