// S-expressions in libgcrypt's canonical form: a list in parentheses, or bytes after their length. No display hints, no
// white space, no length with a leading zero.
//
//   (7:sig-val(5:eddsa(1:r32:…)(1:s32:…)))

import { fail } from '../errors.ts';

export type SExpression = Uint8Array | readonly SExpression[];

/** A signature is 91 bytes in 3 lists. */
const DEPTH = 8;
const LENGTH = 4096;

/** The one expression that `bytes` are. Throws `SIGNER_AGENT_ANSWER`. */
export function parseSExpression(bytes: Uint8Array): SExpression {
  if (bytes.length > LENGTH) throw refuse(`${bytes.length} bytes, expected at most ${LENGTH}`);
  const { value, end } = read(bytes, 0, 0);
  if (end !== bytes.length) throw refuse(`${bytes.length - end} bytes after the end`);
  return value;
}

/** The rest of the list inside `list` whose first element is `name`, such as `r`; undefined unless there is exactly one. */
export function listNamed(list: SExpression, name: string): readonly SExpression[] | undefined {
  if (list instanceof Uint8Array) return undefined;
  const found = list.filter(
    (each): each is readonly SExpression[] => !(each instanceof Uint8Array) && isNamed(each, name),
  );
  return found.length === 1 ? found[0]?.slice(1) : undefined;
}

export function isNamed(list: SExpression, name: string): boolean {
  const first = list instanceof Uint8Array ? undefined : list[0];
  return first instanceof Uint8Array && Buffer.from(first).toString('latin1') === name;
}

interface Part {
  readonly value: SExpression;
  readonly end: number;
}

function read(bytes: Uint8Array, start: number, depth: number): Part {
  return bytes[start] === OPEN ? readList(bytes, start + 1, depth) : readAtom(bytes, start);
}

function readList(bytes: Uint8Array, start: number, depth: number): Part {
  if (depth === DEPTH) throw refuse(`lists inside one another, expected at most ${DEPTH}`);
  const value: SExpression[] = [];
  let at = start;
  while (bytes[at] !== CLOSE) {
    const part = read(bytes, at, depth + 1);
    value.push(part.value);
    at = part.end;
  }
  return { value, end: at + 1 };
}

function readAtom(bytes: Uint8Array, start: number): Part {
  let at = start;
  let length = 0;
  for (let digit = digitAt(bytes, at); digit !== undefined; digit = digitAt(bytes, at)) {
    length = length * 10 + digit;
    at += 1;
    if (length > LENGTH) throw refuse('a length past the end');
  }
  const hasLeadingZero = bytes[start] === ZERO && at - start > 1;
  if (at === start || hasLeadingZero || bytes[at] !== COLON) throw refuse('no length where one is expected');
  const end = at + 1 + length;
  if (end > bytes.length) throw refuse('a length past the end');
  return { value: bytes.subarray(at + 1, end), end };
}

function digitAt(bytes: Uint8Array, at: number): number | undefined {
  const digit = (bytes[at] ?? 0) - ZERO;
  return digit >= 0 && digit <= 9 ? digit : undefined;
}

const [OPEN, CLOSE, COLON, ZERO] = [0x28, 0x29, 0x3a, 0x30];

function refuse(what: string): Error {
  return fail('SIGNER_AGENT_ANSWER', `gpg-agent: S-expression: ${what}`);
}
