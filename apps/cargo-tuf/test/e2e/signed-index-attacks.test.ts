// What a developer sees when a signed git index is not what was signed: the unmodified cargo exits with 101 and prints our
// sentence, what was trusted stays, and the next honest commit is built from. One index and one developer live through it all.

import { readFile } from 'node:fs/promises';
import { type ObjectId, signedPayload, withSignature } from '@cargo-tuf/git-object';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Keys, openKeys, type RootShape } from '../../../../packages/registry-commits/test/world.ts';
import { writeProject } from '../../../../tools/fixtures/debian-project.ts';
import { SMALL_CRATES, type SmallCrate, smallCrate } from '../../../../tools/fixtures/small-registry.ts';
import { Developer } from './developer.ts';
import type { Ended } from './process.ts';
import { NO_INDEX, SignedIndex } from './signed-index.ts';

let keys: Keys;
let index: SignedIndex;
let developer: Developer;
/** The tip that is trusted, its version, and the one before. */
let honest: { readonly tip: ObjectId; readonly version: number; readonly before: ObjectId };

const ROLES: RootShape['roles'] = {
  root: { keys: ['root1', 'root2'] },
  timestamp: { keys: ['root1', 'bot1', 'revoked', 'expired'] },
  targets: { keys: ['targets'] },
};
const ROTATED: RootShape['roles'] = { ...ROLES, timestamp: { keys: ['root1', 'bot1', 'bot2'] } };
const GREETING = 'gr/ee/greeting';
const OWNED = 'fa/re/farewell';

beforeAll(async () => {
  if (NO_INDEX !== undefined) return;
  keys = openKeys(['root1', 'root2', 'root3', 'bot1', 'bot2', 'revoked', 'stranger', 'owner', 'targets']);
  keys.revoke('revoked');
  makeExpiredKey();
  index = await SignedIndex.create(keys, 'sha1');
  developer = await Developer.create();
  const { world } = index;
  const files = await index.files(SMALL_CRATES);
  const targets = world.targets({
    version: 1,
    roles: [{ name: 'farewell', keys: ['owner'], paths: [`/${OWNED}`] }],
  });
  world.commit('root1', {
    'root.toml': world.root({ version: 1, roles: ROLES }),
    ...files,
    ...signed('targets.toml', 'targets', targets),
    ...signed(OWNED, 'owner', files[OWNED] as Uint8Array),
  });
  const before = world.commit('root1', { 'root.toml': world.root({ version: 2, roles: ROLES }) });
  world.tag('root1', 'root-rotation-v1-2');
  honest = { tip: world.commit('bot1'), version: 3, before };
  const trusted = await trust('crates-io', await index.fingerprint);
  expect(trusted.stderr).toContain('crates-io is trusted');
  await writeProject(developer.project, { greeting: '"1"', farewell: '"0.1"' });
  await succeeds('build');
}, 120_000);

afterAll(async () => {
  await index?.close();
  await developer?.remove();
  keys?.close();
});

/** Two days in 2020: gpg is told the time, since it signs with no key that has expired. */
const THEN = ['--faked-system-time', '20200101T000000'];

function makeExpiredKey(): void {
  const user = 'expired <expired@example.org>';
  keys.gpg.run([...THEN, '--quick-generate-key', user, 'ed25519', 'sign', '2d']);
  (keys.ids as Map<string, string>).set('expired', keys.gpg.fingerprint(user));
}

function trust(registry: string, fingerprint: string): Promise<Ended> {
  return developer.tuf(['trust', 'add', registry, '--git', index.url, '--fingerprint', fingerprint]);
}

function signed(path: string, key: string, content: Uint8Array): Record<string, string | Uint8Array> {
  return { [path]: content, [`${path}.asc`]: keys.sign(key, content) };
}

async function succeeds(command: string): Promise<void> {
  const ended = await developer.tuf([command]);
  expect(ended.stderr).not.toContain('error');
  expect(ended.code).toBe(0);
}

async function trustedCommit(): Promise<unknown> {
  const { stdout } = await developer.tuf(['status', '--json']);
  return JSON.parse(stdout).registries[0].commit;
}

/** The tip with a signature that `change` makes of what is signed. */
function resign(change: (payload: Uint8Array, armor: string) => string): ObjectId {
  const { world } = index;
  const bytes = world.bytes('commit', world.commit('bot1'));
  const { payload, signature = '' } = signedPayload('commit', bytes, world.format);
  return world.replaceTip(withSignature('commit', payload, change(payload, signature), world.format));
}

function rotate(version: number, tagSigner: string, roles: RootShape['roles'] = ROTATED): void {
  const { world } = index;
  world.commit('root1', { 'root.toml': world.root({ version, roles }) });
  world.tag(tagSigner, `root-rotation-v1-${version}`);
}

/** The entry of a crate with another checksum of its first version. */
async function forged(path: string): Promise<string> {
  const text = await readFile(`${index.world.folder}/${path}`, 'utf8');
  return text.replace(/"cksum":"[0-9a-f]{64}"/, `"cksum":"${'6'.repeat(64)}"`);
}

interface Attack {
  readonly code: string;
  readonly says: RegExp;
  readonly offer: () => unknown;
}

const ATTACKS: Readonly<Record<string, Attack>> = {
  'an unsigned tip': {
    code: 'REGISTRY_UNSIGNED',
    says: /not signed, but this registry is/,
    offer: () => index.world.commit(undefined),
  },
  'a tip signed by an unknown key': {
    code: 'OPENPGP_UNKNOWN_KEY',
    says: /signature: by key \S+, which is none of the trusted ones/,
    offer: () => index.world.commit('stranger'),
  },
  'a tip signed by a revoked key': {
    code: 'OPENPGP_KEY_REVOKED',
    says: /key .*revoked/,
    offer: () => index.world.commit('revoked'),
  },
  'a tip signed by an expired key': {
    code: 'OPENPGP_KEY_EXPIRED',
    says: /key .*expired/,
    offer: () =>
      resign(payload => {
        const words = ['--armor', '--detach-sign', '--local-user', keys.ids.get('expired') ?? ''];
        return keys.gpg.run([...THEN, ...words], payload).toString();
      }),
  },
  'a tip signed by a key of another role': {
    code: 'REGISTRY_ROLE',
    says: /signed by keys of other roles, expected the role "timestamp"/,
    offer: () => index.world.commit('root2'),
  },
  'a change of root.toml without a tag': {
    code: 'REGISTRY_ROTATION_MISSING',
    says: /root\.toml: version 3, trusted 2, and there is no tag root-rotation-v1-3/,
    offer: () => {
      const { world } = index;
      world.commit('root1', { 'root.toml': world.root({ version: 3, roles: ROTATED }) });
    },
  },
  'a tag signed by the new root key alone': {
    code: 'REGISTRY_ROTATION_SIGNERS',
    says: /tag root-rotation-v1-3: old root: signed by 0 keys of the role, expected 1/,
    offer: () => rotate(3, 'root3', { ...ROTATED, root: { keys: ['root1', 'root3'] } }),
  },
  'a tag that is replayed under another name': {
    code: 'REGISTRY_ROTATION_NAME',
    says: /its object is tag root-rotation-v1-2, expected root-rotation-v1-3/,
    offer: () => {
      const { world } = index;
      world.commit('bot1');
      world.git('update-ref', 'refs/tags/root-rotation-v1-3', world.id('refs/tags/root-rotation-v1-2'));
    },
  },
  'a version of root.toml that was left out': {
    code: 'REGISTRY_ROTATION_SKIPPED',
    says: /root\.toml: version 4, trusted 2/,
    offer: () => rotate(4, 'root1'),
  },
  'an older tip': {
    code: 'REGISTRY_ROLLBACK',
    says: /timestamp\.toml: version \d+, trusted \d+/,
    offer: () => {
      index.world.git('reset', '--quiet', '--hard', honest.before);
    },
  },
  'a squash with another checksum of a live version': {
    code: 'REGISTRY_CHECKSUM',
    says: /greeting 1\.0\.0: checksum 6{64}, trusted [0-9a-f]{64}/,
    offer: async () => index.world.squash('bot1', { [GREETING]: await forged(GREETING) }),
  },
  'another tree of the same version': {
    code: 'REGISTRY_EQUIVOCATION',
    says: /timestamp\.toml: two trees of version \d+/,
    offer: () => index.world.commit('bot1', { 'no/te/note': '' }, honest.version),
  },
  'two signature headers': {
    code: 'GIT_OBJECT_SIGNATURE_TWICE',
    says: /2 signature headers, expected at most 1/,
    offer: () => {
      const { world } = index;
      const text = Buffer.from(world.bytes('commit', world.commit('bot1'))).toString('latin1');
      const [header = ''] = /^gpgsig.*\n(?: .*\n)*/m.exec(text) ?? [];
      world.replaceTip(Buffer.from(text.replace(header, header + header), 'latin1'));
    },
  },
  'a signature with a packet after it': {
    code: 'OPENPGP_PACKET_TYPE',
    says: /expected signatures alone/,
    offer: () =>
      resign((_, armor) => {
        const body = Buffer.from(armor.split('\n').slice(2, -3).join(''), 'base64');
        const packets = Buffer.concat([body, Buffer.from('cb086200000000007878', 'hex')]);
        const lines = packets.toString('base64').replaceAll(/.{64}/g, '$&\n');
        return `-----BEGIN PGP SIGNATURE-----\n\n${lines}\n-----END PGP SIGNATURE-----\n`;
      }),
  },
  'a signature over other bytes': {
    code: 'OPENPGP_HASH_PREFIX',
    says: /of other bytes than these/,
    offer: () => {
      const { world } = index;
      const { signature } = signedPayload('commit', world.bytes('commit', honest.tip), world.format);
      return resign(() => signature ?? '');
    },
  },
  'a change of an owned crate that its owner did not sign': {
    code: 'REGISTRY_OWNER',
    says: /fa\/re\/farewell: not signed by its owners/,
    offer: async () => {
      const entry = await readFile(`${index.world.folder}/${OWNED}`, 'utf8');
      return index.world.commit('bot1', { [OWNED]: entry.replace('0.1.0', '0.1.1') });
    },
  },
  'an owned crate without its signature': {
    code: 'REGISTRY_OWNER_SIGNATURE_MISSING',
    says: /fa\/re\/farewell: no fa\/re\/farewell\.asc/,
    offer: () => index.world.commit('bot1', { [`${OWNED}.asc`]: null }),
  },
  'a signed tip without root.toml': {
    code: 'REGISTRY_FILE_MISSING',
    says: /root\.toml: not there, expected version 2/,
    offer: () => index.world.commit('bot1', { 'root.toml': null }),
  },
  'an unsigned tip with another root.toml': {
    code: 'REGISTRY_UNSIGNED',
    says: /not signed, but this registry is/,
    offer: () => {
      const { world } = index;
      world.commit(undefined, { 'root.toml': world.root({ version: 3, roles: ROTATED }) });
    },
  },
  'an index that has expired': {
    code: 'REGISTRY_EXPIRED',
    says: /timestamp\.toml: expired \d{4}-/,
    offer: () => {
      const { world } = index;
      const version = honest.version + 1;
      world.commit('bot1', { 'timestamp.toml': world.timestamp(version, Date.now() - 1000) }, version);
    },
  },
};

/** Back to what was honest, and one commit more. */
async function publish(number: number): Promise<void> {
  const { world } = index;
  const tags = world
    .git('tag')
    .split('\n')
    .filter(name => name !== 'root-rotation-v1-2');
  if (tags.length > 0) world.git('tag', '--delete', ...tags.filter(Boolean));
  const { tip, version } = honest;
  world.reset(tip, version + 1);
  const source = `pub fn greet() -> String { "${number}".into() }\n`;
  const greeting: SmallCrate = smallCrate('greeting', `1.2.${number}`, source, { wording: '0.3' });
  const { [OWNED]: _, ...files } = await index.files([greeting]);
  honest = { tip: world.commit('bot1', files), version: version + 2, before: tip };
}

describe.each(Object.entries(ATTACKS).map((attack, number) => [...attack, number] as const))(
  '%s',
  (_, { code, says, offer }, number) => {
    beforeEach(context => {
      if (NO_INDEX !== undefined) console.log(`skipped: ${NO_INDEX}`);
      context.skip(NO_INDEX !== undefined, NO_INDEX);
    });

    it(`is refused as ${code}, and cargo says so`, async () => {
      expect(await trustedCommit()).toBe(honest.tip);
      await offer();
      const ended = await developer.tuf(['update']);
      expect(ended.stderr).toContain(`[${code}]`);
      const sentence = /cargo-tuf refused the index of crates-io:.*/s.exec(ended.stderr)?.[0] ?? '';
      expect(sentence.replaceAll(/\s+/g, ' ')).toMatch(says);
      expect(ended.code).toBe(101);
      expect(ended.stderr).not.toContain('spurious network error');
      expect(await trustedCommit()).toBe(honest.tip);

      await publish(number);
      await succeeds('update');
      await succeeds('build');
      expect(await trustedCommit()).toBe(honest.tip);
      const lock = await readFile(`${developer.project}/Cargo.lock`, 'utf8');
      expect(lock).toContain(`version = "1.2.${number}"`);
    });
  },
);

describe('at first use', () => {
  beforeEach(context => {
    context.skip(NO_INDEX !== undefined, NO_INDEX);
  });

  it.each([
    ['root.toml and an unsigned tip', 'REGISTRY_ROOT_WITHOUT_SIGNATURE', () => index.world.commit(undefined)],
    [
      'a signed tip and no root.toml',
      'REGISTRY_SIGNATURE_WITHOUT_ROOT',
      () => index.world.commit('bot1', { 'root.toml': null }),
    ],
    ['a tip signed by a stranger', 'OPENPGP_UNKNOWN_KEY', () => index.world.commit('stranger')],
  ])('%s are refused as %s', async (_, code, offer) => {
    const { world } = index;
    offer();
    const ended = await trust('registry+https://other.example/index.git', '0'.repeat(64));
    expect(ended.stderr).toContain(`code: ${code}`);
    expect(ended.code).toBe(4);
    expect((await developer.tuf(['trust', 'list'])).stdout).not.toContain('other.example');
    world.reset(honest.tip, honest.version);
  });

  it('an index that nobody signs is none to trust', async () => {
    const { world } = index;
    world.commit(undefined, { 'root.toml': null });
    const ended = await trust('registry+https://other.example/index.git', '0'.repeat(64));
    expect(ended.stderr).toContain('code: LIB_NOT_SIGNED');
    expect(ended.code).toBe(2);
    world.reset(honest.tip, honest.version);
  });

  it('another fingerprint than was stated is declined, and nothing is kept', async () => {
    const ended = await trust('registry+https://other.example/index.git', '0'.repeat(64));
    expect(ended.stderr).toContain('code: APP_DECLINED');
    expect(ended.code).toBe(2);
    const asked = await developer.tuf([
      'trust',
      'add',
      'registry+https://other.example/index.git',
      '--git',
      index.url,
    ]);
    expect(asked.stderr).toContain('code: APP_NO_TERMINAL');
    expect((await developer.tuf(['trust', 'list'])).stdout).not.toContain('other.example');
  });
});
