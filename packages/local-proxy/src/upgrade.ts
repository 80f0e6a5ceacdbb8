// HTTP/2 by upgrade (RFC 7540, section 3.2). Without it cargo asks for one index entry at a time; with it, for all that it
// knows of at once.
//
//   GET /crates-io/index/config.json HTTP/1.1
//   Host: 127.0.0.1:47447
//   Connection: Upgrade, HTTP2-Settings
//   Upgrade: h2c
//   HTTP2-Settings: AAMAAABkAAQAAQAAAAIAAAAA
//
// Node's HTTP/2 server knows no upgrade. So the request above is written as the HEADERS frame of stream 1 and put between
// the client's preface, which carries the same settings again, and what follows it. Node then reads one plain HTTP/2
// connection. The frame uses literals that leave the table of header compression as both ends have it.

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** The client's preface: 24 fixed bytes, then a SETTINGS frame. */
const MAGIC = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const FRAME_HEADER = 9;
/** Bytes of a client's first SETTINGS: curl sends three of six bytes each. */
const SETTINGS_BYTES = 240;
const SETTINGS = 4;
const HEADERS = 1;
const END_STREAM_AND_HEADERS = 5;
/** Headers of one connection, which HTTP/2 forbids. */
const OF_CONNECTION = new Set(['connection', 'upgrade', 'http2-settings', 'keep-alive', 'proxy-connection']);

/** Whether a request that may be answered asks for HTTP/2 as RFC 7540 wants it: once, and with its settings. */
export function asksForHttp2(request: IncomingMessage): boolean {
  const { upgrade, connection } = request.headers;
  const options = (connection ?? '').toLowerCase().split(/\s*,\s*/);
  return (
    upgrade?.toLowerCase() === 'h2c' &&
    typeof request.headers['http2-settings'] === 'string' &&
    options.includes('upgrade') &&
    options.includes('http2-settings')
  );
}

/**
 * Agrees to the upgrade and leaves the socket as a plain HTTP/2 connection. False, with the socket destroyed, when it ended,
 * took longer than `milliseconds` or began with anything but the preface.
 */
export async function acceptUpgrade(
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
  milliseconds: number,
): Promise<boolean> {
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
  const received = await readPreface(socket, head, milliseconds);
  const end = received && prefaceEnd(received);
  if (received === undefined || typeof end !== 'number') {
    socket.destroy();
    return false;
  }
  socket.unshift(Buffer.concat([received.subarray(0, end), encodeHeaders(request), received.subarray(end)]));
  return true;
}

/** What the client sent until its preface was whole or could be none any more. */
function readPreface(socket: Socket, head: Buffer, milliseconds: number): Promise<Buffer | undefined> {
  return new Promise(resolve => {
    let received = head;
    const end = (result: Buffer | undefined): void => {
      clearTimeout(timer);
      socket.off('readable', read);
      socket.off('close', stop);
      resolve(result);
    };
    const stop = (): void => end(undefined);
    const read = (): void => {
      for (let chunk = socket.read(); chunk !== null; chunk = socket.read())
        received = Buffer.concat([received, chunk as Buffer]);
      if (prefaceEnd(received) !== 'more') end(received);
    };
    const timer = setTimeout(stop, milliseconds);
    socket.on('close', stop);
    socket.on('readable', read);
    read();
  });
}

/** Where the preface ends; undefined where the bytes begin otherwise. */
function prefaceEnd(bytes: Buffer): number | 'more' | undefined {
  const known = Math.min(bytes.length, MAGIC.length);
  if (!bytes.subarray(0, known).equals(MAGIC.subarray(0, known))) return undefined;
  if (bytes.length < MAGIC.length + FRAME_HEADER) return 'more';
  const length = bytes.readUIntBE(MAGIC.length, 3);
  if (bytes[MAGIC.length + 3] !== SETTINGS || length > SETTINGS_BYTES) return undefined;
  const end = MAGIC.length + FRAME_HEADER + length;
  return bytes.length < end ? 'more' : end;
}

/** The request as one HEADERS frame, which is also the end of stream 1. */
function encodeHeaders(request: IncomingMessage): Buffer {
  const fields: [string, string][] = [
    [':method', request.method ?? ''],
    [':scheme', 'http'],
    [':authority', request.headers.host ?? ''],
    [':path', request.url ?? ''],
  ];
  const { rawHeaders } = request;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] as string).toLowerCase();
    if (name !== 'host' && !OF_CONNECTION.has(name)) fields.push([name, rawHeaders[at + 1] as string]);
  }
  const block = Buffer.concat(fields.flatMap(([name, value]) => encodeField(name, value)));
  const frame = Buffer.alloc(FRAME_HEADER);
  frame.writeUIntBE(block.length, 0, 3);
  frame[3] = HEADERS;
  frame[4] = END_STREAM_AND_HEADERS;
  frame.writeUInt32BE(1, 5);
  return Buffer.concat([frame, block]);
}

/** A literal that is not indexed (RFC 7541, section 6.2.2). */
function encodeField(name: string, value: string): readonly Buffer[] {
  return [Buffer.from([0]), ...encodeText(name), ...encodeText(value)];
}

/** A text without Huffman coding: its length with a prefix of seven bits (RFC 7541, section 5.1), its bytes. */
function encodeText(text: string): readonly Buffer[] {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.length < 127) return [Buffer.from([bytes.length]), bytes];
  const length = [127];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest >>= 7) length.push((rest & 127) | 128);
  return [Buffer.from([...length, rest]), bytes];
}
