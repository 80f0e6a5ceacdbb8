// A client of the Assuan protocol, as far as gpg-agent needs it. One line a message, at most 1,000 bytes each:
//
//   S: OK Pleased to meet you
//   C: PKSIGN
//   S: D (7:sig-val(5:eddsa(1:r32:%0A…          data, with %25, %0D and %0A for three bytes
//   S: OK                                       or: ERR 67108881 No secret key <GPG Agent>
//
// "S" lines report a status and "#" lines say something; neither means anything here. "INQUIRE" asks the client for more,
// which it has not: a passphrase is asked for by the agent's own pinentry.

import type { Socket } from 'node:net';
import { escapeText } from '@cargo-tuf/errors';
import { fail } from '../errors.ts';

/** One signature with its status lines is some hundred bytes. */
const LINE = 1000;
const LINES = 256;
const DATA = 65_536;

export interface AssuanAnswer {
  /** Of the lines "D", joined. */
  readonly data: Uint8Array;
  /** 0, or the code of the error without its source: 17 is "no secret key". */
  readonly code: number;
  /** What stands after OK or the number, escaped. */
  readonly text: string;
}

export class AssuanConnection {
  readonly #socket: Socket;
  readonly #lines: AsyncGenerator<Uint8Array>;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#lines = linesOf(socket);
  }

  /** What the other side says before it is asked. */
  greeting(): Promise<AssuanAnswer> {
    return this.#answer();
  }

  /** `line` has no line feed, and is not longer than 1,000 bytes. */
  command(line: string): Promise<AssuanAnswer> {
    this.#socket.write(`${line}\n`);
    return this.#answer();
  }

  close(): void {
    this.#socket.destroy();
  }

  async #answer(): Promise<AssuanAnswer> {
    const data: Uint8Array[] = [];
    let length = 0;
    for (let count = 0; count < LINES; count += 1) {
      const { word, rest } = splitLine(await this.#nextLine());
      if (word === 'OK') return { data: Buffer.concat(data), code: 0, text: textOf(rest) };
      if (word === 'ERR') return { data: new Uint8Array(), ...errorOf(rest) };
      if (word === 'INQUIRE') this.#socket.write('CAN\n');
      else if (word === 'D') {
        const part = unescapeData(rest);
        length += part.length;
        if (length > DATA) throw refuse(`more than ${DATA} bytes of data`);
        data.push(part);
      } else if (word !== 'S' && !word.startsWith('#')) throw refuse(`"${textOf(Buffer.from(word))}"`);
    }
    throw refuse(`more than ${LINES} lines`);
  }

  async #nextLine(): Promise<Uint8Array> {
    const { done, value } = await this.#lines.next();
    if (done === true) throw refuse('the connection ended');
    return value;
  }
}

/** Lines without their line feed. */
async function* linesOf(socket: Socket): AsyncGenerator<Uint8Array> {
  let pending: Uint8Array = new Uint8Array();
  for await (const chunk of socket) {
    pending = Buffer.concat([pending, chunk as Uint8Array]);
    for (let end = pending.indexOf(LINE_FEED); end !== -1; end = pending.indexOf(LINE_FEED)) {
      if (end > LINE) throw refuse(`a line of ${end} bytes, expected at most ${LINE}`);
      yield pending.subarray(0, end);
      pending = pending.subarray(end + 1);
    }
    if (pending.length > LINE) throw refuse(`a line of more than ${LINE} bytes`);
  }
}

const [LINE_FEED, SPACE, PERCENT] = [0x0a, 0x20, 0x25];

function splitLine(line: Uint8Array): { readonly word: string; readonly rest: Uint8Array } {
  const at = line.indexOf(SPACE);
  const end = at === -1 ? line.length : at;
  return { word: Buffer.from(line.subarray(0, end)).toString('latin1'), rest: line.subarray(end + 1) };
}

/** "67108881 No secret key <GPG Agent>": the source of the error is in the high bits. */
function errorOf(rest: Uint8Array): { readonly code: number; readonly text: string } {
  const text = textOf(rest);
  const number = /^[0-9]{1,10}(?= |$)/.exec(text)?.[0];
  const code = Number(number) % 65_536;
  if (!(code > 0)) throw refuse(`ERR ${text}`);
  return { code, text: text.slice((number?.length ?? 0) + 1) };
}

function unescapeData(rest: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (let at = 0; at < rest.length; at += 1) {
    const byte = rest[at] as number;
    if (byte !== PERCENT) {
      out.push(byte);
      continue;
    }
    const digits = Buffer.from(rest.subarray(at + 1, at + 3)).toString('latin1');
    if (!/^[0-9A-Fa-f]{2}$/.test(digits)) throw refuse('a percent sign without two hex digits');
    out.push(Number.parseInt(digits, 16));
    at += 2;
  }
  return Uint8Array.from(out);
}

function textOf(bytes: Uint8Array): string {
  return escapeText(Buffer.from(bytes).toString('utf8'), 200);
}

function refuse(what: string): Error {
  return fail('SIGNER_AGENT_ANSWER', `gpg-agent: ${what}`);
}
