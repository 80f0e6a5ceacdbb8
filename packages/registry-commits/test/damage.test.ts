// Every changed byte of what is signed, or names what is signed, is refused; and each signature is needed.
import { openMemoryStore } from '@cargo-tuf/client';
import type { ObjectId } from '@cargo-tuf/git-object';
import { rotationTag, syncRegistry } from '@cargo-tuf/registry-commits';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeKey, type MemoryKey, MemoryWorld, NOW } from './memory-world.ts';

let [root, bot, late]: readonly MemoryKey[] = [];
const given = (key: MemoryKey | undefined): MemoryKey => key as MemoryKey;
beforeAll(async () => {
  [root, bot, late] = await Promise.all(['root', 'bot', 'late'].map(makeKey));
});

/** A registry that has rotated once, with a commit on top. */
async function build(format: 'sha1' | 'sha256') {
  const world = new MemoryWorld(format);
  const anchor = world.root(1, [given(root)], [given(root), given(bot)]);
  const second = world.root(2, [given(root)], [given(root), given(late)]);
  const first = await world.commit([given(bot)], 1, { 'root.toml': anchor });
  const rotation = await world.commit([given(root)], 2, { 'root.toml': second }, [first]);
  const tag = await world.tag([given(root)], rotationTag(2), rotation);
  const tip = await world.commit([given(late)], 3, { 'root.toml': second }, [rotation]);
  const follow = (to: ObjectId) =>
    syncRegistry(to, { source: world.source, store: openMemoryStore(), anchor, now: NOW });
  return { world, anchor, second, first, rotation, tag, tip, follow };
}

/** The offsets at which a flipped bit is accepted. */
async function survivors(
  bytes: Uint8Array,
  follow: (damaged: Uint8Array) => Promise<unknown>,
): Promise<number[]> {
  const accepted: number[] = [];
  for (let at = 0; at < bytes.length; at += 1) {
    const damaged = bytes.slice();
    damaged[at] = (damaged[at] as number) ^ (1 << (at % 7));
    try {
      await follow(damaged);
      accepted.push(at);
    } catch (error) {
      expect((error as Error).message).not.toBe('');
    }
  }
  return accepted;
}

describe.each(['sha1', 'sha256'] as const)('with %s objects', format => {
  it('the good registry is accepted', async () => {
    const { tip, follow } = await build(format);
    expect((await follow(tip)).root.version).toBe(2);
  });

  it('no changed byte of the tip is', async () => {
    const { world, tip, follow } = await build(format);
    expect(await survivors(world.bytes(tip), damaged => follow(world.put('commit', damaged)))).toEqual([]);
  });

  it('no changed byte of the tag is', async () => {
    const { world, tip, tag, follow } = await build(format);
    const accepted = await survivors(world.bytes(tag), damaged => {
      world.refs.set(`refs/tags/${rotationTag(2)}`, world.put('tag', damaged));
      return follow(tip);
    });
    expect(accepted).toEqual([]);
  });

  it('no changed byte of root.toml is, even in a commit that a timestamp key signed', async () => {
    const { world, second, follow } = await build(format);
    const accepted = await survivors(second, async damaged =>
      follow(await world.commit([given(late)], 3, { 'root.toml': damaged })),
    );
    expect(accepted).toEqual([]);
  });

  it('each commit and tag needs its own signer', async () => {
    const { world, anchor, second, first, rotation, tip, follow } = await build(format);
    const refused = { name: 'TufError' };
    for (const other of [bot, late].map(given)) {
      await world.tag([other], rotationTag(2), rotation);
      await expect(follow(tip)).rejects.toMatchObject(refused);
      const by = await world.commit([other], 2, { 'root.toml': second }, [first]);
      await world.tag([given(root)], rotationTag(2), by);
      await expect(follow(tip)).rejects.toMatchObject(refused);
    }
    await world.tag([given(root)], rotationTag(2), rotation);
    await expect(follow(await world.commit([given(bot)], 3, { 'root.toml': second }))).rejects.toMatchObject(
      refused,
    );
    await expect(follow(await world.commit([given(bot)], 3, { 'root.toml': anchor }))).rejects.toMatchObject({
      code: 'REGISTRY_ROOT_ROLLBACK',
    });
    await follow(tip);
  });
});
