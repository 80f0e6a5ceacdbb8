// Changes of the text of an armor: its lines, headers, base64 and checksum.

import type { Random } from '../random.ts';
import { BYTE_MUTATORS } from './bytes.ts';

type Mutate = (text: string, random: Random) => string;

const HEADERS = [
  'Version: GnuPG v2',
  'Comment: a note',
  'Comment: ',
  'Comment:',
  'Comment',
  'Comment: größe',
  'Comment: a\r',
  'Comment: \t',
  'Comment:  two',
  'Comment: a: b',
  'Comment: \u0000\u001b[31m',
  ' Comment: x',
  'Hash: SHA256',
  'Charset: UTF-8',
  'MessageID: 0123456789abcdef',
  '-----BEGIN PGP SIGNATURE-----',
];

export const ARMOR_MUTATORS: Readonly<Record<string, Mutate>> = {
  header: (text, random) => insertLines(text, 1, [random.pick(HEADERS)]),
  headers: (text, random) =>
    insertLines(
      text,
      1,
      Array.from({ length: 1 + random.below(20) }, () => random.pick(HEADERS)),
    ),
  'header length': (text, random) =>
    insertLines(text, 1, [`Comment: ${'x'.repeat(200 + random.below(100))}`]),
  'no checksum': text => text.replace(/\n=.{4}\n/, '\n'),
  checksum: (text, random) => text.replace(/\n=.{4}\n/, `\n=${random.bytes(3).toString('base64')}\n`),
  'lines of another length': (text, random) => {
    const length = 1 + random.below(80);
    return rewrap(text, length);
  },
  'an empty line': (text, random) => insertLines(text, random.below(text.split('\n').length), ['']),
  'white space': (text, random) => {
    const at = random.below(text.length);
    return text.slice(0, at) + random.pick([' ', '\t', '\r', '\f', '\u00a0']) + text.slice(at);
  },
  'line ends': (text, random) => text.replaceAll('\n', random.pick(['\r\n', '\r', '\n\n'])),
  'no last line end': text => text.slice(0, -1),
  around: (text, random) =>
    random.pick([`x\n${text}`, `\n${text}`, `${text}\n`, `${text}x\n`, `${text}${text}`, ` ${text}`]),
  'padding bits': (text, random) =>
    text.replace(/(.)(=+)\n/, (_, last: string, padding: string) => {
      const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
      return `${alphabet[alphabet.indexOf(last) ^ (1 + random.below(3))] ?? last}${padding}\n`;
    }),
  'dashes or type': (text, random) =>
    text.replaceAll(
      ...(random.pick([
        ['-----BEGIN', '----BEGIN'],
        ['-----END', '-----end'],
        ['SIGNATURE', 'MESSAGE'],
        ['PUBLIC KEY BLOCK', 'PRIVATE KEY BLOCK'],
        ['-----\n', '----- \n'],
      ] as const) as [string, string]),
    ),
  characters: (text, random) =>
    (BYTE_MUTATORS[random.pick(Object.keys(BYTE_MUTATORS))] as (typeof BYTE_MUTATORS)[string])(
      Buffer.from(text, 'latin1'),
      random,
    ).toString('latin1'),
};

function insertLines(text: string, at: number, added: readonly string[]): string {
  return text
    .split('\n')
    .toSpliced(at, 0, ...added)
    .join('\n');
}

/** Base64 alone is laid out anew. */
function rewrap(text: string, length: number): string {
  const lines = text.split('\n');
  const [start, end] = [2, lines.findLastIndex(line => line.startsWith('='))];
  const base64 = lines.slice(start, end).join('');
  return [
    ...lines.slice(0, start),
    ...(base64.match(new RegExp(`.{1,${length}}`, 'g')) ?? []),
    ...lines.slice(end),
  ].join('\n');
}
