// Replaces one value in a line of JSON and leaves every other byte as it is:
//
//   {"name":"a",…,"yanked":false,"links":null}  →  {"name":"a",…,"yanked":true,"links":null}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);
const SPACE = new Set([0x20, 0x09, 0x0d, 0x0a]);
const COLON = 0x3a;

/** `line` is a valid JSON object. Undefined when it has no member that is spelled `"yanked"`. */
export function replaceYanked(line: Uint8Array, yanked: boolean): Uint8Array | undefined {
  const start = startOfValue(line);
  if (start === undefined) return undefined;
  const end = start + (line[start] === LETTER_F ? 'false' : 'true').length;
  const word = ascii(String(yanked));
  const out = new Uint8Array(line.length - (end - start) + word.length);
  out.set(line.subarray(0, start));
  out.set(word, start);
  out.set(line.subarray(end), start + word.length);
  return out;
}

const LETTER_F = 0x66;
const KEY = ascii('"yanked"');

function startOfValue(line: Uint8Array): number | undefined {
  let depth = 0;
  let position = 0;
  while (position < line.length) {
    const byte = line[position] as number;
    if (byte === QUOTE) {
      const end = endOfString(line, position);
      const colon = skipSpace(line, end);
      if (depth === 1 && line[colon] === COLON && isKey(line.subarray(position, end))) {
        return skipSpace(line, colon + 1);
      }
      position = end;
      continue;
    }
    if (OPENING.has(byte)) depth += 1;
    if (CLOSING.has(byte)) depth -= 1;
    position += 1;
  }
  return undefined;
}

function endOfString(line: Uint8Array, start: number): number {
  let position = start + 1;
  while (position < line.length && line[position] !== QUOTE) position += line[position] === BACKSLASH ? 2 : 1;
  return position + 1;
}

function skipSpace(line: Uint8Array, start: number): number {
  let position = start;
  while (SPACE.has(line[position] as number)) position += 1;
  return position;
}

function isKey(text: Uint8Array): boolean {
  return text.length === KEY.length && KEY.every((byte, index) => text[index] === byte);
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, character => character.charCodeAt(0));
}
