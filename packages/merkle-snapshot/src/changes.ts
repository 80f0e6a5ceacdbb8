// Which names changed between two versions of a map (docs/pouf.md, section 5.2): a Golomb-Rice coded set of the first 32 bits of
// their keys, in runs of one or more versions, newest first. Who has leaves of an older version asks it which of them to prove
// again. It never misses a changed name; it takes one in 2^32 ÷ changes for changed that is not.
//
//   54 46 01  <to> <span>  0002  <start[8]> 02 1e <bits>  <start[8]> 00        two runs: two names changed, then none

import { BitReader, BitWriter } from './bit-string.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { fail } from './errors.ts';
import { MERKLE_LIMITS } from './limits.ts';

export interface ChangeRun {
  /** First 8 bytes of the root that stood before the run. */
  readonly start: Uint8Array;
  /** `keyPrefix` of every name that changed in the run, ascending, each once. */
  readonly prefixes: Uint32Array;
}

export interface Changes {
  /** Version of the map after the newest run. */
  readonly to: number;
  /** Versions that each run takes. */
  readonly span: number;
  /** Newest first; there is at least one. */
  readonly runs: readonly ChangeRun[];
}

/** Bytes of `ChangeRun.start`. */
const RUN_START = 8;
const HEADER = [0x54, 0x46, 0x01] as const;

/** What is kept of a key: its first 32 bits. */
function keyPrefix(key: Uint8Array): number {
  return new DataView(key.buffer, key.byteOffset).getUint32(0);
}

/** True when the name of this key may have changed in the run; false proves, for a run that is signed, that it did not. */
export function mayHaveChanged({ prefixes }: ChangeRun, key: Uint8Array): boolean {
  const prefix = keyPrefix(key);
  let from = 0;
  let to = prefixes.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((prefixes[middle] as number) < prefix) from = middle + 1;
    else to = middle;
  }
  return prefixes[from] === prefix;
}

/** One run for several that follow each other, newest first. */
export function joinRuns(runs: readonly ChangeRun[]): ChangeRun {
  const oldest = runs.at(-1);
  if (oldest === undefined) throw fail('MERKLE_LEAF', 'changes: no run, expected one or more');
  const all = Uint32Array.from(runs.flatMap(({ prefixes }) => [...prefixes])).sort();
  return { start: oldest.start, prefixes: all.filter((prefix, at) => at === 0 || prefix !== all[at - 1]) };
}

/** The run of one version, whose changed names have these keys. `root`: the one that stood before. */
export function runOf(root: Uint8Array, keys: Iterable<Uint8Array>): ChangeRun {
  const prefixes = Uint32Array.from(keys, keyPrefix).sort();
  return joinRuns([{ start: root.slice(0, RUN_START), prefixes }]);
}

/** Throws `MERKLE_LIMIT` for more than a reader accepts. */
export function encodeChanges({ to, span, runs }: Changes): Uint8Array {
  assertWithinLimits(runs);
  const writer = new ByteWriter();
  for (const byte of HEADER) writer.byte(byte);
  writer.varint(to);
  writer.varint(span);
  writer.u16(runs.length);
  for (const run of runs) writer.bytes(encodeRun(run));
  return writer.finish();
}

/** The bytes of runs that were read or written: a publish writes those of a file into the next files as they are. */
const encodings = new WeakMap<ChangeRun, Uint8Array>();

function encodeRun(run: ChangeRun): Uint8Array {
  const known = encodings.get(run);
  if (known !== undefined) return known;
  const writer = new ByteWriter();
  writer.bytes(run.start);
  writer.varint(run.prefixes.length);
  if (run.prefixes.length > 0) encodePrefixes(writer, run.prefixes);
  const bytes = writer.finish();
  encodings.set(run, bytes);
  return bytes;
}

/** Throws `MERKLE_SYNTAX`, `MERKLE_LIMIT`. */
export function decodeChanges(bytes: Uint8Array): Changes {
  if (bytes.length > MERKLE_LIMITS.changesBytes) throw refuseLimit('bytes', bytes.length);
  const reader = new ByteReader('changes', bytes);
  for (const byte of HEADER) if (reader.byte() !== byte) reader.refuse('not changes of format 1');
  const to = reader.varint();
  const span = reader.varint();
  const count = reader.u16();
  if (to === 0 || span === 0 || count === 0) reader.refuse('no version, span or run, expected 1 or more');
  if (count > MERKLE_LIMITS.changeRuns) throw refuseLimit('runs', count);
  const runs: ChangeRun[] = [];
  for (let names = 0; runs.length < count; ) {
    const from = reader.position;
    const start = reader.take(RUN_START);
    const length = reader.varint();
    names += length;
    if (names > MERKLE_LIMITS.changedNames) throw refuseLimit('names', names);
    const run = { start, prefixes: length === 0 ? new Uint32Array(0) : decodePrefixes(reader, length) };
    encodings.set(run, reader.copy(from, reader.position));
    runs.push(run);
  }
  reader.end();
  return { to, span, runs };
}

/** The differences, each as its higher bits in unary and its lower `bits` as they are. */
function encodePrefixes(writer: ByteWriter, prefixes: Uint32Array): void {
  const bits = Math.max(0, Math.floor(Math.log2((2 ** 32 / prefixes.length) * Math.LN2)));
  const scale = 2 ** bits;
  const string = new BitWriter();
  let next = 0;
  for (const prefix of prefixes) {
    const difference = prefix - next;
    string.unary(Math.floor(difference / scale));
    string.bits(difference % scale, bits);
    next = prefix + 1;
  }
  writer.byte(bits);
  writer.bytes(string.finish());
}

function decodePrefixes(reader: ByteReader, length: number): Uint32Array {
  const bits = reader.byte();
  if (bits > 31) reader.refuse(`${bits} bits of a difference, expected at most 31`);
  const scale = 2 ** bits;
  const prefixes = new Uint32Array(length);
  const string = new BitReader(reader);
  let next = 0;
  for (let index = 0; index < length; index += 1) {
    const prefix = next + string.unary() * scale + string.bits(bits);
    if (prefix >= 2 ** 32) reader.refuse('prefix beyond 32 bits');
    prefixes[index] = prefix;
    next = prefix + 1;
  }
  string.end();
  return prefixes;
}

function assertWithinLimits(runs: readonly ChangeRun[]): void {
  const names = runs.reduce((sum, { prefixes }) => sum + prefixes.length, 0);
  if (runs.length > MERKLE_LIMITS.changeRuns) throw refuseLimit('runs', runs.length);
  if (names > MERKLE_LIMITS.changedNames) throw refuseLimit('names', names);
}

function refuseLimit(what: string, count: number): Error {
  return fail('MERKLE_LIMIT', `changes: too many ${what}: ${count}`, { details: { count } });
}
