import { createObjectHash, type ObjectId } from '@cargo-tuf/git-object';
import type { Commands } from './commands.ts';
import { fail } from './errors.ts';
import { wrongId } from './object-reader.ts';
import { killGroup } from './run-git.ts';

/** Pieces of a blob, the last held back until the whole has its id. Throws what `read` throws. */
export async function* streamBlob(
  commands: Commands,
  id: ObjectId,
  maxBytes: number,
): AsyncGenerator<Uint8Array> {
  const size = await sizeOf(commands, id);
  if (size > maxBytes) {
    throw fail('GIT_LIMIT', `object ${id}: ${size} bytes, expected at most ${maxBytes}`, {
      details: { id, size, limit: maxBytes },
    });
  }
  const child = commands.spawn(['cat-file', 'blob', id]);
  const timer = setTimeout(() => killGroup(child), commands.limits.fetchMs);
  child.stderr.resume();
  child.stdin.end();
  const hash = createObjectHash('blob', size, commands.format);
  let held: Buffer | undefined;
  let length = 0;
  try {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > size) break;
      hash.update(chunk);
      if (held !== undefined) yield held;
      held = chunk;
    }
    if (length !== size)
      throw fail('GIT_FAILED', `git cat-file: ${length} bytes of object ${id}, expected ${size}`);
    const found = hash.digest();
    if (found !== id) throw wrongId(id, found);
    if (held !== undefined) yield held;
  } finally {
    clearTimeout(timer);
    killGroup(child);
  }
}

async function sizeOf(commands: Commands, id: ObjectId): Promise<number> {
  const { stdout } = await commands.run({ words: ['cat-file', '--batch-check'], input: `${id}\n` });
  const line = stdout.toString('latin1').trimEnd();
  if (line === `${id} missing`)
    throw fail('GIT_MISSING', `object ${id}: not in the repository`, { details: { id } });
  const [, found, type, size] = /^([0-9a-f]+) ([a-z]+) ([0-9]{1,15})$/.exec(line) ?? [];
  if (found !== id) throw fail('GIT_ANSWER', `git cat-file: another answer, expected object ${id}`);
  if (type !== 'blob')
    throw fail('GIT_WRONG_TYPE', `object ${id}: a ${type}, expected a blob`, { details: { id } });
  return Number(size);
}
