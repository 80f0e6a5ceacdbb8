// Where tuf-js 4.0.0 and we read one repository in two ways: each by its name, with the reason, and what either says.
// A difference that goes away, or another one that comes, fails here.

import { generateKeyPairSync, sign } from 'node:crypto';
import { generateKeyPair, type Signer } from '@cargo-tuf/keys';
import {
  type DelegatedRole,
  type Delegations,
  formatKey,
  type Key,
  parseEnvelope,
} from '@cargo-tuf/metadata';
import { describe, expect, it } from 'vitest';
import { keyMap, makeOwnRepository, type OwnRepositoryOptions, roleKeys } from '../own-repository.ts';
import { type Reading, readBoth, type Repository } from '../readers.ts';

const one: Signer = generateKeyPair('ed25519').signer;
const other: Signer = generateKeyPair('ed25519').signer;
const signers = { root: [one], timestamp: [one], snapshot: [one], targets: [one] };

interface Difference {
  readonly name: string;
  readonly why: string;
  readonly repository: () => Promise<Repository>;
  /** What is asked for. */
  readonly target: string;
  /** "refused" of the whole repository or of the target; "absent"; "read". */
  readonly ours: string;
  readonly theirs: string;
}

const made = (options: Omit<OwnRepositoryOptions, 'signers'>) => () =>
  makeOwnRepository({ signers, ...options });
const toRole = (name: string, paths: readonly string[], keys: readonly Signer[] = [one]): DelegatedRole => ({
  name,
  terminating: false,
  paths,
  ...roleKeys(keys),
});
const delegate = (...roles: DelegatedRole[]): Delegations => ({ keys: keyMap([one, other]), roles });
const role = (targets: Record<string, string>, delegations?: Delegations) => ({
  targets,
  signers: [one],
  ...(delegations && { delegations }),
});
/** One delegation by a pattern, to a role that lists a path. */
const pattern = (glob: string, path: string) =>
  made({
    targets: { delegations: delegate(toRole('A', [glob])) },
    delegated: { A: role({ [path]: 'content' }) },
  });
const chain = (length: number) =>
  made({
    targets: { delegations: delegate(toRole('r1', ['*'])) },
    delegated: Object.fromEntries(
      Array.from({ length }, (_, index) => [
        `r${index + 1}`,
        index + 1 === length ? role({ a: 'a' }) : role({}, delegate(toRole(`r${index + 2}`, ['*']))),
      ]),
    ),
  });

const PATTERNS = 'its patterns are those of minimatch, ours know * and ? alone';

const DIFFERENCES: readonly Difference[] = [
  {
    name: 'a name that every object of JavaScript has',
    why: 'its targets are members of a plain object; it finds a function and cannot download it',
    repository: made({ targets: {} }),
    target: 'constructor',
    ours: 'absent',
    theirs: 'refused',
  },
  {
    name: 'role names that look like numbers',
    why: 'it keeps roles as members of an object, which puts such names first, and so signs other bytes',
    repository: made({
      targets: { delegations: delegate(toRole('2', ['*']), toRole('1', ['*'])) },
      delegated: { 1: role({ a: 'a' }), 2: role({}) },
    }),
    target: 'a',
    ours: 'read',
    theirs: 'refused',
  },
  {
    name: 'names beyond the basic plane',
    why: 'it sorts keys by UTF-16 units, we do as python-tuf does: by code points',
    repository: made({ targets: { targets: { '\ue000': 'private', '\u{1f600}': 'smile' } } }),
    target: '\ue000',
    ours: 'read',
    theirs: 'refused',
  },
  {
    name: 'one key under two key ids, of which two must sign',
    why: 'it counts key ids, we count keys',
    repository: oneKeyTwice,
    target: 'a',
    ours: 'refused',
    theirs: 'read',
  },
  {
    name: 'an RSA key that says it is one of Ed25519',
    why: 'it takes the algorithm from the PEM, whatever the key says of itself',
    repository: rsaAsEd25519,
    target: 'a',
    ours: 'refused',
    theirs: 'read',
  },
  {
    name: 'a role that two delegators name, each with another key',
    why: 'it visits a role once, by whichever delegator comes first; we verify it for each',
    repository: made({
      targets: { delegations: delegate(toRole('A', ['a']), toRole('B', ['*'])) },
      delegated: {
        A: role({}, delegate(toRole('shared', ['a'], [one]))),
        B: role({}, delegate(toRole('shared', ['*'], [other]))),
        shared: role({ b: 'b' }),
      },
    }),
    target: 'a',
    ours: 'refused',
    theirs: 'absent',
  },
  {
    name: 'more delegations than are followed',
    why: 'it says that there is no such target',
    repository: chain(40),
    target: 'a',
    ours: 'refused',
    theirs: 'absent',
  },
  {
    name: 'a target with a question mark in its name',
    why: 'it does not escape names in addresses',
    repository: made({ targets: { targets: { 'a?b': 'content' } } }),
    target: 'a?b',
    ours: 'read',
    theirs: 'refused',
  },
  {
    name: 'a target with a percent sign in its name',
    why: 'it does not escape names in addresses',
    repository: made({ targets: { targets: { 'a%62': 'content' } } }),
    target: 'a%62',
    ours: 'read',
    theirs: 'refused',
  },
  {
    name: 'a pattern with braces',
    why: PATTERNS,
    repository: pattern('{a,b}', 'a'),
    target: 'a',
    ours: 'absent',
    theirs: 'read',
  },
  {
    name: 'a pattern with an exclamation mark',
    why: PATTERNS,
    repository: pattern('!foo', 'bar'),
    target: 'bar',
    ours: 'absent',
    theirs: 'read',
  },
  {
    name: 'a pattern with brackets',
    why: PATTERNS,
    repository: pattern('[ab]', 'a'),
    target: 'a',
    ours: 'absent',
    theirs: 'read',
  },
  {
    name: 'a pattern with a number sign',
    why: PATTERNS,
    repository: pattern('#x', '#x'),
    target: '#x',
    ours: 'read',
    theirs: 'absent',
  },
  {
    name: 'a star for a name that begins with a dot',
    why: PATTERNS,
    repository: pattern('*.txt', '.hidden.txt'),
    target: '.hidden.txt',
    ours: 'read',
    theirs: 'absent',
  },
];

describe('tuf-js 4.0.0 differs from us in', () => {
  it.each(DIFFERENCES)('$name: $why', async ({ repository, target, ours, theirs }) => {
    const read = await readBoth(await repository(), [target]);
    const seen = { ours: outcome(read.ours, target), theirs: outcome(read.theirs, target) };
    expect(seen, JSON.stringify(read.reasons)).toEqual({ ours, theirs });
  });
});

interface EditedFile {
  signed: { keys: Record<string, object>; roles: Record<string, object> };
  signatures: { keyid: string; sig: string }[];
}

/** The timestamp asks for two key ids of one key, and has a signature of it under each. */
async function oneKeyTwice(): Promise<Repository> {
  const { raw, keyId } = formatKey(one.publicKey);
  const second: Key = { keyId: 'second', publicKey: one.publicKey, raw };
  const roles = new Map(
    (['root', 'timestamp', 'snapshot', 'targets'] as const).map(name => [name, roleKeys([one])] as const),
  );
  roles.set('timestamp', { keyIds: [keyId, 'second'], threshold: 2 });
  const root = { keys: new Map(keyMap([one])).set('second', second), roles };
  return edit(
    await makeOwnRepository({ signers, targets: { targets: { a: 'a' } }, root }),
    'timestamp',
    file => {
      const [signature] = file.signatures;
      if (signature) file.signatures.push({ ...signature, keyid: 'second' });
    },
  );
}

/** The timestamp is signed with RSA, by a key that root calls one of Ed25519. */
async function rsaAsEd25519(): Promise<Repository> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
  const repository = await makeOwnRepository({ signers, targets: { targets: { a: 'a' } } });
  const byRsa = edit(repository, 'timestamp', file => {
    file.signatures = [{ keyid: 'rsa', sig: sign(undefined, payloadOf(file), privateKey).toString('hex') }];
  });
  const root = JSON.parse(Buffer.from(repository.root).toString()) as EditedFile;
  root.signed.keys['rsa'] = { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: pem } };
  root.signed.roles['timestamp'] = { keyids: ['rsa'], threshold: 1 };
  const sig = Buffer.from(await one.sign(payloadOf(root))).toString('hex');
  root.signatures = [{ keyid: formatKey(one.publicKey).keyId, sig }];
  return { ...byRsa, root: Buffer.from(JSON.stringify(root)) };
}

function edit(repository: Repository, name: string, change: (file: EditedFile) => void): Repository {
  const path = `metadata/${name}.json`;
  const file = JSON.parse(Buffer.from(repository.files.get(path) as Uint8Array).toString()) as EditedFile;
  change(file);
  const bytes = new Uint8Array(Buffer.from(JSON.stringify(file)));
  return { ...repository, files: new Map(repository.files).set(path, bytes) };
}

function payloadOf(file: EditedFile): Uint8Array {
  return parseEnvelope(new Uint8Array(Buffer.from(JSON.stringify(file)))).payload;
}

function outcome(reading: Reading | 'refused', target: string): string {
  const found = reading === 'refused' ? reading : reading.targets[target];
  return typeof found === 'string' ? found : 'read';
}
