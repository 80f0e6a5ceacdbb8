// Armor as text. What it holds is not looked at.

import { armor } from './craft.ts';

export interface ArmorCase {
  readonly description: string;
  readonly type: string;
  readonly text: string;
  readonly expect: string;
  readonly bytes?: string;
}

const TYPE = 'PGP SIGNATURE';
const bytes = Buffer.from(Array.from({ length: 100 }, (_, index) => index));
const text = armor(TYPE, bytes);
const base64 = bytes.toString('base64');
const frame = (body: string) => `-----BEGIN ${TYPE}-----\n${body}\n-----END ${TYPE}-----\n`;

const ok = (description: string, changed: string, of = bytes): ArmorCase => ({
  description,
  type: TYPE,
  text: changed,
  expect: 'ok',
  bytes: of.toString('hex'),
});
const no = (description: string, changed: string, expect = 'OPENPGP_ARMOR'): ArmorCase => ({
  description,
  type: TYPE,
  text: changed,
  expect,
});

export const armorCases: readonly ArmorCase[] = [
  ok('as gpg writes it', text),
  ok('without the last line end', text.slice(0, -1)),
  ok('without a checksum', text.replace(/\n=.{4}\n/, '\n')),
  ok('headers Version and Comment', text.replace('\n\n', '\nVersion: GnuPG v2\nComment: a: b\n\n')),
  ok('lines of 76', frame(`\n${base64.slice(0, 76)}\n${base64.slice(76)}`)),
  ok('lines of 4', frame(`\n${base64.replace(/.{4}(?=.)/g, '$&\n')}`)),
  ok('one byte', armor(TYPE, Buffer.of(0)), Buffer.of(0)),
  no('line of 77', frame(`\n${base64.slice(0, 77)}\n${base64.slice(77)}`)),
  no('empty text', ''),
  no('no armor', 'hello\n'),
  no('no bytes', frame('\n')),
  no('checksum alone', frame('\n=twTO')),
  no('line before', `\n${text}`),
  no('text before', `x\n${text}`),
  no('byte order mark', `\ufeff${text}`),
  no('empty line after', `${text}\n`),
  no('text after', `${text}x`),
  no('white space after BEGIN', text.replace('-----\n', '----- \n')),
  no('white space after END', `${text.slice(0, -1)} \n`),
  no('CRLF', text.replaceAll('\n', '\r\n')),
  no('CR', text.replaceAll('\n', '\r')),
  no('form feed in the empty line', text.replace('\n\n', '\n\f\n\n')),
  no('white space in the empty line', text.replace('\n\n', '\n \n')),
  no('no empty line', text.replace('\n\n', '\n')),
  no('two empty lines', text.replace('\n\n', '\n\n\n')),
  no('empty line in the base64', frame(`\n${base64.slice(0, 64)}\n\n${base64.slice(64)}`)),
  no('header Hash', text.replace('\n\n', '\nHash: SHA256\n\n')),
  no('header NotDashEscaped', text.replace('\n\n', '\nNotDashEscaped: x\n\n')),
  no('header Charset', text.replace('\n\n', '\nCharset: UTF-8\n\n')),
  no('header in lower case', text.replace('\n\n', '\ncomment: x\n\n')),
  no('header without a space', text.replace('\n\n', '\nComment:x\n\n')),
  no('white space before the base64', text.replace('\n\n', '\n\n ')),
  no(
    'white space in the base64',
    frame(`\n${base64.slice(0, 8)} ${base64.slice(8, 60)}\n${base64.slice(60)}`),
  ),
  no('padding in the middle', frame(`\nAA==\n${base64.slice(0, 64)}`)),
  no('no padding', frame('\nAA')),
  no('padding too long', frame('\nAAAA====')),
  no('unused bits', frame('\nAB==')),
  no('base64 of addresses', frame('\n-_-_')),
  no('letter beyond ASCII', frame('\nAAA\u0100')),
  no('END of another type', text.replace('END PGP SIGNATURE', 'END PGP MESSAGE')),
  no('no END', text.slice(0, text.indexOf('-----END'))),
  no('BEGIN twice', text.replace('\n\n', `\n-----BEGIN ${TYPE}-----\n\n`)),
  no('dash-escaped', text.replaceAll('-----', '- -----')),
  no('PGP MESSAGE', text.replaceAll('SIGNATURE', 'MESSAGE'), 'OPENPGP_ARMOR_TYPE'),
  no('PGP SIGNED MESSAGE', text.replaceAll('SIGNATURE', 'SIGNED MESSAGE'), 'OPENPGP_ARMOR_TYPE'),
  no('PGP PRIVATE KEY BLOCK', text.replaceAll('SIGNATURE', 'PRIVATE KEY BLOCK'), 'OPENPGP_ARMOR_TYPE'),
  no('PGP MESSAGE, PART 01/02', text.replaceAll('SIGNATURE', 'MESSAGE, PART 01/02'), 'OPENPGP_ARMOR_TYPE'),
  no('PGP PUBLIC KEY BLOCK', armor('PGP PUBLIC KEY BLOCK', bytes), 'OPENPGP_ARMOR_TYPE'),
  no('wrong checksum', armor(TYPE, bytes, 'AAAA'), 'OPENPGP_ARMOR_CHECKSUM'),
  no('checksum of 2 bytes', armor(TYPE, bytes, 'AAA='), 'OPENPGP_ARMOR_CHECKSUM'),
  no('checksum of 3 characters', armor(TYPE, bytes, 'AAA'), 'OPENPGP_ARMOR_CHECKSUM'),
  no('empty checksum', armor(TYPE, bytes, ''), 'OPENPGP_ARMOR_CHECKSUM'),
  no('17 headers', text.replace('\n\n', `\n${'Comment: x\n'.repeat(17)}\n`), 'OPENPGP_LIMIT'),
  no('header of 257 characters', text.replace('\n\n', `\nComment: ${'x'.repeat(248)}\n\n`)),
];
