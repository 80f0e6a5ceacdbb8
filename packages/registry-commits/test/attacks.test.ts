// What an attacker, or a careless operator, offers to a client that trusts an index. Each is refused by its own code, changes
// nothing of what is trusted, and the honest index that follows is accepted.
import { openMemoryStore } from '@cargo-tuf/client';
import { type ObjectId, signedPayload, withSignature } from '@cargo-tuf/git-object';
import { proposeAnchor, rotationTag, syncRegistry } from '@cargo-tuf/registry-commits';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hasGpg, needGpg } from '../../openpgp/test/gpg.ts';
import { DAY, type Keys, line, openKeys, type RootShape, World } from './world.ts';

let keys: Keys;
beforeAll(() => {
  if (!hasGpg) return;
  const names = [
    'root1',
    'root2',
    'root3',
    'bot1',
    'bot2',
    'revoked',
    'stranger',
    'owner1',
    'owner2',
    'targets',
  ];
  keys = openKeys(names, ['brief']);
  keys.revoke('revoked');
}, 60_000);
afterAll(() => keys?.close());
beforeEach(needGpg);

const roles: RootShape['roles'] = {
  root: { keys: ['root1', 'root2'] },
  timestamp: { keys: ['root1', 'bot1', 'brief', 'revoked'] },
  targets: { keys: ['targets'] },
};
const rotated: RootShape['roles'] = {
  ...roles,
  timestamp: { keys: ['root1', 'bot1', 'brief', 'revoked', 'bot2'] },
};
const ENTRY = line('serde', '1.0.0', '1');

/** An index at version 3, with an older tip, owners of serde, and a client that trusts it. */
async function open(format: 'sha1' | 'sha256') {
  const world = new World(keys, format);
  const signed = (path: string, key: string, content: string | Uint8Array) => ({
    [path]: content,
    [`${path}.asc`]: keys.sign(key, Buffer.from(content)),
  });
  const owners = (version: number, threshold = 1) =>
    world.targets({
      version,
      roles: [{ name: 'serde', keys: ['owner1', 'owner2'], threshold, paths: ['/se/rd/serde'] }],
    });
  world.commit('root1', {
    'root.toml': world.root({ version: 1, roles }),
    'config.json': '{"dl":"https://example.org"}',
  });
  const older = world.commit('bot1', { 'it/oa/itoa': line('itoa', '1.0.0', '1') });
  const base = world.commit('bot1', {
    ...signed('targets.toml', 'targets', owners(1)),
    ...signed('se/rd/serde', 'owner1', ENTRY),
  });
  const source = await world.source();
  const { bytes: anchor } = await proposeAnchor(source, base, { now: Date.now() });
  const store = openMemoryStore();
  const follow = (tip: ObjectId, now = Date.now()) => syncRegistry(tip, { source, store, anchor, now });
  await follow(base);
  return { world, source, anchor, store, follow, base, older, signed, owners };
}
type Opened = Awaited<ReturnType<typeof open>>;

/** Gives the tip that is offered, and perhaps another time than now. */
type Attack = (opened: Opened) => ObjectId | { tip: ObjectId; now: number };
const attacks: readonly (readonly [description: string, code: string, Attack])[] = [
  ['an unsigned tip', 'REGISTRY_UNSIGNED', ({ world }) => world.commit(undefined)],
  ['a tip signed by a stranger', 'OPENPGP_UNKNOWN_KEY', ({ world }) => world.commit('stranger')],
  ['a tip signed by a key of another role', 'REGISTRY_ROLE', ({ world }) => world.commit('root2')],
  [
    'a tip signed by a key that has expired',
    'OPENPGP_KEY_EXPIRED',
    ({ world }) => ({ tip: world.commit('brief'), now: Date.now() + 3 * DAY }),
  ],
  ['a tip signed by a key that was revoked', 'OPENPGP_KEY_REVOKED', ({ world }) => world.commit('revoked')],
  [
    'a tip with two signatures where one is needed',
    'OPENPGP_SIGNATURE_COUNT',
    ({ world }) => world.commitBySeveral(['bot1', 'root1']),
  ],
  [
    'a tip with a signature over other bytes',
    'OPENPGP_HASH_PREFIX',
    ({ world, base }) => {
      const { signature } = signedPayload('commit', world.bytes('commit', base), world.format);
      const tip = world.commit(undefined);
      return world.replaceTip(withSignature('commit', world.bytes('commit', tip), signature, world.format));
    },
  ],
  [
    'a tip with a packet after its signature',
    'OPENPGP_PACKET_TYPE',
    ({ world }) => {
      const bytes = world.bytes('commit', world.commit('bot1'));
      const { signature = '' } = signedPayload('commit', bytes, world.format);
      const body = signature.split('\n').slice(2, -3).join('');
      const packets = Buffer.concat([
        Buffer.from(body, 'base64'),
        Buffer.from('cb08620000000000787878'.slice(0, 20), 'hex'),
      ]);
      const armor = `-----BEGIN PGP SIGNATURE-----\n\n${packets.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END PGP SIGNATURE-----\n`;
      return world.replaceTip(withSignature('commit', bytes, armor, world.format));
    },
  ],
  ['an older tip', 'REGISTRY_ROLLBACK', ({ older }) => older],
  ['a commit of an older version on top', 'REGISTRY_ROLLBACK', ({ world }) => world.commit('bot1', {}, 2)],
  [
    'another tree of the same version',
    'REGISTRY_EQUIVOCATION',
    ({ world }) => world.commit('bot1', { 'it/oa/itoa': line('itoa', '1.0.0', '2') }, 3),
  ],
  [
    'another checksum of a version',
    'REGISTRY_CHECKSUM',
    ({ world }) => world.commit('bot1', { 'it/oa/itoa': line('itoa', '1.0.0', '2') }),
  ],
  [
    'another checksum of a version with other build metadata',
    'REGISTRY_CHECKSUM',
    ({ world }) => world.commit('bot1', { 'it/oa/itoa': line('itoa', '1.0.0+b', '2') }),
  ],
  [
    'a squash with another checksum of a version',
    'REGISTRY_CHECKSUM',
    ({ world }) => world.squash('bot1', { 'it/oa/itoa': line('itoa', '1.0.0', '2') }),
  ],
  [
    'an expired timestamp',
    'REGISTRY_EXPIRED',
    ({ world }) => world.commit('bot1', { 'timestamp.toml': world.timestamp(4, Date.now() - 1_000) }, 4),
  ],
  [
    'a timestamp of another registry',
    'REGISTRY_REPOSITORY',
    ({ world }) =>
      world.commit('bot1', { 'timestamp.toml': world.timestamp(4, undefined, 'ab'.repeat(32)) }, 4),
  ],
  [
    'a timestamp that is a link',
    'REGISTRY_FILE_KIND',
    ({ world }) => {
      world.commit('bot1');
      world.git('rm', '--quiet', 'timestamp.toml');
      world.git(
        'update-index',
        '--add',
        '--cacheinfo',
        `120000,${world.id('HEAD:config.json')},timestamp.toml`,
      );
      return commitIndex(world, 'bot1');
    },
  ],
  [
    'an executable in the place of an entry',
    'REGISTRY_FILE_KIND',
    ({ world }) => {
      world.commit('bot1');
      world.git('update-index', '--chmod=+x', 'it/oa/itoa');
      return commitIndex(world, 'bot1');
    },
  ],
  [
    'no timestamp.toml',
    'REGISTRY_FILE_MISSING',
    ({ world }) => {
      world.git('rm', '--quiet', 'timestamp.toml');
      return commitIndex(world, 'bot1');
    },
  ],
  [
    'no root.toml',
    'REGISTRY_FILE_MISSING',
    ({ world }) => {
      world.git('rm', '--quiet', 'root.toml');
      return world.commit('bot1');
    },
  ],
  [
    'two signature headers',
    'GIT_OBJECT_SIGNATURE_TWICE',
    ({ world }) => {
      const text = Buffer.from(world.bytes('commit', world.commit('bot1'))).toString('latin1');
      const [header = ''] = /^gpgsig.*\n(?: .*\n)*/m.exec(text) ?? [];
      return world.replaceTip(Buffer.from(text.replace(header, header + header), 'latin1'));
    },
  ],
  [
    'a signature header of the other object format',
    'GIT_OBJECT_SIGNATURE_FORMAT',
    ({ world }) => {
      const text = Buffer.from(world.bytes('commit', world.commit('bot1'))).toString('latin1');
      const other = world.format === 'sha1' ? 'gpgsig-sha256 ' : 'gpgsig ';
      return world.replaceTip(Buffer.from(text.replace(/^gpgsig(?:-sha256)? /m, other), 'latin1'));
    },
  ],
  // Rotations.
  [
    'a change of root.toml without a tag',
    'REGISTRY_ROTATION_MISSING',
    ({ world }) => world.commit('root1', { 'root.toml': world.root({ version: 2, roles: rotated }) }),
  ],
  [
    'a version of root.toml that was left out',
    'REGISTRY_ROTATION_SKIPPED',
    ({ world }) => rotate(world, { version: 3, tag: rotationTag(3) }),
  ],
  [
    'a tag of another version than its root.toml',
    'REGISTRY_ROTATION_VERSION',
    ({ world }) => rotate(world, { version: 3, tag: rotationTag(2) }),
  ],
  [
    'a tag signed by the new key alone',
    'REGISTRY_ROTATION_SIGNERS',
    ({ world }) =>
      rotate(world, {
        version: 2,
        tagSigner: 'root3',
        roles: { ...rotated, root: { keys: ['root1', 'root3'] } },
      }),
  ],
  [
    'a tag signed by the old key alone',
    'REGISTRY_ROTATION_SIGNERS',
    ({ world }) =>
      rotate(world, {
        version: 2,
        tagSigner: 'root2',
        roles: { ...rotated, root: { keys: ['root1', 'root3'] } },
      }),
  ],
  [
    'a tag signed by a timestamp key',
    'REGISTRY_ROTATION_SIGNERS',
    ({ world }) => rotate(world, { tagSigner: 'bot1' }),
  ],
  [
    'a tag signed by a stranger',
    'OPENPGP_UNKNOWN_KEY',
    ({ world }) => rotate(world, { tagSigner: 'stranger' }),
  ],
  [
    'a tag that is shown under another name',
    'REGISTRY_ROTATION_NAME',
    ({ world }) => {
      const tip = rotate(world, { tag: 'root-rotation-v1-9' });
      world.git('update-ref', 'refs/tags/root-rotation-v1-2', world.id('refs/tags/root-rotation-v1-9'));
      return tip;
    },
  ],
  [
    'a tag without a signature',
    'REGISTRY_ROTATION_TAG',
    ({ world }) => {
      const tip = rotate(world, {});
      world.tag(undefined, rotationTag(2));
      return tip;
    },
  ],
  [
    'a ref without a tag',
    'REGISTRY_ROTATION_TAG',
    ({ world }) => {
      const tip = rotate(world, {});
      world.git('update-ref', `refs/tags/${rotationTag(2)}`, tip);
      return tip;
    },
  ],
  [
    'a tag of a tree',
    'REGISTRY_ROTATION_TAG',
    ({ world }) => {
      const tip = rotate(world, {});
      world.tag('root1', rotationTag(2), 'HEAD^{tree}');
      return tip;
    },
  ],
  [
    'a rotation committed by a timestamp key',
    'REGISTRY_ROTATION_COMMIT',
    ({ world }) => rotate(world, { commitSigner: 'bot1' }),
  ],
  [
    'a rotation committed by keys none of which is in both roots',
    'REGISTRY_ROTATION_COMMIT',
    ({ world }) => {
      const shape = { version: 2, roles: { ...rotated, root: { keys: ['root1', 'root3'] } } };
      const tip = world.commitBySeveral(['root2', 'root3', 'bot1'], { 'root.toml': world.root(shape) });
      world.tag('root1', rotationTag(2));
      return tip;
    },
  ],
  [
    'a rotation committed without a signature',
    'REGISTRY_ROTATION_COMMIT',
    ({ world }) => {
      rotate(world, { commitSigner: undefined });
      return world.commit('bot1');
    },
  ],
  [
    'a rotation that does not raise the timestamp',
    'REGISTRY_ROTATION_TIMESTAMP',
    ({ world }) => {
      rotate(world, { timestamp: 3 });
      return world.commit('bot1');
    },
  ],
  [
    'a rotation without a parent',
    'REGISTRY_ROTATION_PARENT',
    ({ world }) => {
      const tip = world.squash('root1', { 'root.toml': world.root({ version: 2, roles: rotated }) });
      world.tag('root1', rotationTag(2));
      return tip;
    },
  ],
  [
    'a rotation after a change that was not tagged',
    'REGISTRY_ROTATION_PARENT',
    ({ world }) => {
      world.commit('root1', { 'root.toml': world.root({ version: 1, roles: rotated }) });
      return rotate(world, {});
    },
  ],
  [
    'another root.toml of the same version',
    'REGISTRY_EQUIVOCATION',
    ({ world }) => world.commit('root1', { 'root.toml': world.root({ version: 1, roles: rotated }) }),
  ],
  [
    'a root of another registry',
    'REGISTRY_REPOSITORY',
    ({ world }) => rotate(world, { repository: 'ab'.repeat(32) }),
  ],
  [
    'a key id of another key',
    'OPENPGP_FINGERPRINT',
    ({ world }) => {
      const root = Buffer.from(world.root({ version: 2, roles: rotated })).toString();
      const wrong = root.replaceAll(keys.id('bot2'), `openpgp:${'1'.repeat(40)}`);
      const tip = world.commit('root1', { 'root.toml': wrong });
      world.tag('root1', rotationTag(2));
      return tip;
    },
  ],
  // Owners of crates.
  [
    'a change of an owned crate with the old signature',
    'REGISTRY_OWNER',
    ({ world }) => world.commit('bot1', { 'se/rd/serde': ENTRY + line('serde', '1.0.1', '2') }),
  ],
  [
    'a change of an owned crate signed by the registry',
    'REGISTRY_OWNER',
    ({ world, signed }) =>
      world.commit('bot1', signed('se/rd/serde', 'bot1', ENTRY + line('serde', '1.0.1', '2'))),
  ],
  [
    'an owned crate without a signature',
    'REGISTRY_OWNER_SIGNATURE_MISSING',
    ({ world }) => world.commit('bot1', { 'se/rd/serde.asc': null }),
  ],
  [
    'an owned crate that is gone',
    'REGISTRY_FILE_MISSING',
    ({ world }) => world.commit('bot1', { 'se/rd/serde': null, 'se/rd/serde.asc': null }),
  ],
  [
    'an owned crate signed by fewer than its threshold',
    'REGISTRY_OWNER',
    ({ world, signed, owners }) => world.commit('bot1', signed('targets.toml', 'targets', owners(2, 2))),
  ],
  [
    'targets.toml signed by the registry',
    'OPENPGP_UNKNOWN_KEY',
    ({ world, signed }) =>
      world.commit('bot1', signed('targets.toml', 'bot1', world.targets({ version: 2, roles: [] }))),
  ],
  [
    'targets.toml of an older version',
    'REGISTRY_EQUIVOCATION',
    ({ world, signed }) =>
      world.commit('bot1', signed('targets.toml', 'targets', world.targets({ version: 1, roles: [] }))),
  ],
  [
    'targets.toml that is gone',
    'REGISTRY_FILE_MISSING',
    ({ world }) => world.commit('bot1', { 'targets.toml': null, 'targets.toml.asc': null }),
  ],
  [
    'targets.toml that has expired',
    'REGISTRY_EXPIRED',
    ({ world, signed }) =>
      world.commit(
        'bot1',
        signed('targets.toml', 'targets', world.targets({ version: 2, roles: [], expires: 1_000 })),
      ),
  ],
  [
    'targets.toml with the path of no crate',
    'REGISTRY_TARGETS_PATH',
    ({ world, signed }) => {
      const targets = world.targets({
        version: 2,
        roles: [{ name: 'x', keys: ['owner1'], paths: ['/config.json'] }],
      });
      return world.commit('bot1', signed('targets.toml', 'targets', targets));
    },
  ],
  [
    'another config.json than targets.toml says',
    'METADATA_HASH',
    ({ world, signed }) => {
      const targets = world.targets({
        version: 2,
        roles: [],
        files: { 'config.json': '{"dl":"https://example.com"}' },
      });
      return world.commit('bot1', signed('targets.toml', 'targets', targets));
    },
  ],
  [
    'a config.json of another length',
    'METADATA_LENGTH',
    ({ world, signed }) => {
      const targets = world.targets({ version: 2, roles: [], files: { 'config.json': '{}' } });
      return world.commit('bot1', signed('targets.toml', 'targets', targets));
    },
  ],
  [
    'no file that targets.toml names',
    'REGISTRY_FILE_MISSING',
    ({ world, signed }) => {
      const targets = world.targets({ version: 2, roles: [], files: { other: '{}' } });
      return world.commit('bot1', signed('targets.toml', 'targets', targets));
    },
  ],
  [
    'a tag in the place of the tip',
    'REGISTRY_OBJECT_TYPE',
    ({ world }) => {
      world.commit('bot1');
      world.tag('bot1', 'tip');
      return world.id('refs/tags/tip');
    },
  ],
  [
    'targets.toml that no role signs',
    'REGISTRY_TARGETS_UNTRUSTED',
    ({ world }) =>
      rotate(world, { roles: { root: roles.root, timestamp: roles.timestamp } as RootShape['roles'] }),
  ],
];

interface Rotation {
  readonly version?: number;
  readonly roles?: RootShape['roles'];
  readonly repository?: string;
  readonly tag?: string;
  readonly tagSigner?: string;
  readonly commitSigner?: string | undefined;
  readonly timestamp?: number;
}

/** A good rotation to version 2, but for what is given. */
function rotate(world: World, rotation: Rotation): ObjectId {
  const {
    version = 2,
    tag = rotationTag(version),
    tagSigner = 'root1',
    timestamp = 4,
    repository,
  } = rotation;
  const signer = 'commitSigner' in rotation ? rotation.commitSigner : 'root1';
  const shape = {
    version,
    roles: rotation.roles ?? rotated,
    ...(repository !== undefined && { repository }),
  };
  const tip = world.commit(signer, { 'root.toml': world.root(shape) }, timestamp);
  world.tag(tagSigner, tag);
  return tip;
}

function commitIndex(world: World, signer: string): ObjectId {
  world.git('commit', '--quiet', `--gpg-sign=${keys.ids.get(signer)}`, '--message', 'By hand');
  return world.tip;
}

describe.each(attacks.map((attack, index) => [...attack, index] as const))('%s', (_, code, attack, index) => {
  it(`is refused as ${code}`, async () => {
    const opened = await open(index % 2 === 0 ? 'sha1' : 'sha256');
    const { world, store, follow, base } = opened;
    const before = await store.read();
    const offered = attack(opened);
    const { tip, now } = typeof offered === 'string' ? { tip: offered, now: Date.now() } : offered;
    await expect(follow(tip, now)).rejects.toMatchObject({ name: 'TufError', code });
    const isRoot = code === 'REGISTRY_TARGETS_UNTRUSTED';
    if (!isRoot) expect(await store.read()).toEqual(before);
    else
      expect((await store.read()).documents.get('registry.state')).toEqual(
        before.documents.get('registry.state'),
      );

    const tags = world.git('tag').split('\n').filter(Boolean);
    if (!isRoot && tags.length > 0) world.git('tag', '--delete', ...tags);
    if (isRoot) world.git('rm', '--quiet', 'targets.toml', 'targets.toml.asc');
    else world.reset(base, 9);
    const honest = world.commit(
      'bot1',
      { 'it/oa/itoa': line('itoa', '1.0.0', '1') + line('itoa', '1.0.1', '2') },
      10,
    );
    expect((await follow(honest)).commit).toBe(honest);
  });
});
