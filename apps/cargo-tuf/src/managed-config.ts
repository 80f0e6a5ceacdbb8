// The part of a cargo configuration file that cargo-tuf writes and owns, between two marks:
//
//   # >>> cargo-tuf: managed part; `cargo tuf disable` removes it >>>
//   [source.crates-io]
//   …
//   # <<< cargo-tuf <<<

import { readLocalFile, writeLocalFile } from '@cargo-tuf/cargo-tuf-lib';
import { rm } from 'node:fs/promises';
import { parse } from 'smol-toml';
import { fail } from './errors.ts';

const BEGIN = '# >>> cargo-tuf: managed part; `cargo tuf disable` removes it >>>';
const END = '# <<< cargo-tuf <<<';
const CONFIG_BYTES = 1024 * 1024;
const MAX_DEPTH = 32;

/** The lines of the managed part, or undefined where the file has none. */
export async function readManagedPart(file: string): Promise<readonly string[] | undefined> {
  return (await splitFile(file)).managed;
}

/** Writes or replaces the managed part; everything else stays byte for byte. Throws when the result is no valid TOML. */
export async function writeManagedPart(file: string, lines: readonly string[]): Promise<void> {
  const { before, after } = await splitFile(file);
  const gap = before === '' || before.endsWith('\n') ? '' : '\n';
  const text = `${before}${gap}${[BEGIN, ...lines, END].join('\n')}\n${after}`;
  try {
    parse(text, { maxDepth: MAX_DEPTH });
  } catch (error) {
    throw fail('APP_CONFIG_CONFLICT', `${file}: has settings of its own for the same sources`, {
      cause: error,
    });
  }
  await writeLocalFile(file, new TextEncoder().encode(text), 0o644);
}

/** Removes the managed part; a file that held nothing else is removed. False where there was none. */
export async function removeManagedPart(file: string): Promise<boolean> {
  const { before, managed, after } = await splitFile(file);
  if (managed === undefined) return false;
  const text = `${before}${after}`;
  if (text.trim() === '') await rm(file);
  else await writeLocalFile(file, new TextEncoder().encode(text), 0o644);
  return true;
}

async function splitFile(
  file: string,
): Promise<{ before: string; managed: readonly string[] | undefined; after: string }> {
  const bytes = await readLocalFile(file, CONFIG_BYTES);
  const text = bytes === undefined ? '' : new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  const begin = text.indexOf(BEGIN);
  if (begin < 0) return { before: text, managed: undefined, after: '' };
  const end = text.indexOf(END, begin);
  if (end < 0)
    throw fail('APP_CONFIG', `${file}: the managed part has no end, expected "${END}"`, {
      details: { local: true },
    });
  return {
    before: text.slice(0, begin),
    managed: text
      .slice(begin + BEGIN.length, end)
      .trim()
      .split('\n'),
    after: text.slice(end + END.length).replace(/^\n/, ''),
  };
}
