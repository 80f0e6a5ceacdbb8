// Packets, right and wrong, written by hand and signed with node:crypto: nothing here comes from the package.

import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';

/** 2023-11-14T22:13:20Z, when the keys are made; seconds. */
export const T0 = 1_700_000_000;
const OID = Buffer.from('2b06010401da470f01', 'hex');
export const PAYLOAD = Buffer.from('tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n');

export interface CraftedKey {
  readonly privateKey: KeyObject;
  readonly point: Buffer;
  readonly body: Buffer;
  readonly fingerprint: Buffer;
}

/** The same key for the same number, whatever the time. */
export function craftKey(number: number, created = T0): CraftedKey {
  const privateKey = createPrivateKey({ key: pkcs8(number), format: 'der', type: 'pkcs8' });
  const point = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
  return { privateKey, point, ...keyBody(point, created) };
}

export function pkcs8(number: number): Buffer {
  const seed = createHash('sha256').update(`openpgp test key ${number}`).digest();
  return Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
}

export function keyBody(point: Buffer, created = T0): { body: Buffer; fingerprint: Buffer } {
  const mpi = Buffer.concat([Buffer.from('010740', 'hex'), point]);
  return bodyOf(Buffer.concat([Buffer.of(4), uint(created, 4), Buffer.of(22, OID.length), OID, mpi]));
}

export function bodyOf(body: Buffer): { body: Buffer; fingerprint: Buffer } {
  return { body, fingerprint: createHash('sha1').update(hashedKey(body)).digest() };
}

export interface Craft {
  readonly type?: number;
  readonly version?: number;
  readonly algorithm?: number;
  readonly hash?: number;
  readonly created?: number;
  /** Changes the hashed subpackets, which are the issuer fingerprint and the creation time. */
  readonly hashed?: (usual: Buffer[]) => Buffer[];
  /** Changes the unhashed subpackets, which is the issuer's id. */
  readonly unhashed?: (usual: Buffer[]) => Buffer[];
  readonly prefix?: (octets: Buffer) => Buffer;
  readonly numbers?: (r: Buffer, s: Buffer) => Buffer;
  /** The fingerprint that is stated. */
  readonly issuer?: Buffer;
}

const HASHES: Readonly<Record<number, string>> = {
  1: 'md5',
  2: 'sha1',
  3: 'ripemd160',
  9: 'sha384',
  10: 'sha512',
};

/** The body of a signature over `parts`. */
export function craftSignature(key: CraftedKey, parts: readonly Buffer[], craft: Craft = {}): Buffer {
  const { type = 0, version = 4, algorithm = 22, hash = 8, created = T0 + 1000 } = craft;
  const issuer = craft.issuer ?? key.fingerprint;
  const same = <T>(usual: T) => usual;
  const hashed = Buffer.concat(
    (craft.hashed ?? same)([sub(33, Buffer.concat([Buffer.of(4), issuer])), sub(2, uint(created, 4))]),
  );
  const unhashed = Buffer.concat((craft.unhashed ?? same)([sub(16, issuer.subarray(-8))]));
  const signed = Buffer.concat([Buffer.of(version, type, algorithm, hash), uint(hashed.length, 2), hashed]);
  const state = createHash(HASHES[hash] ?? 'sha256');
  for (const part of parts) state.update(part);
  state.update(signed).update(Buffer.of(version, 0xff)).update(uint(signed.length, 4));
  const digest = state.digest();
  const value = sign(null, digest, key.privateKey);
  const numbers = craft.numbers ?? ((r, s) => Buffer.concat([mpi(r), mpi(s)]));
  return Buffer.concat([
    signed,
    uint(unhashed.length, 2),
    unhashed,
    (craft.prefix ?? same)(digest.subarray(0, 2)),
    numbers(value.subarray(0, 32), value.subarray(32)),
  ]);
}

/** A detached signature of `PAYLOAD`, in armor. */
export function craftDetached(key: CraftedKey, craft: Craft = {}): string {
  return armor('PGP SIGNATURE', packet(2, craftSignature(key, [PAYLOAD], craft)));
}

/** A notation of so many octets, the name filled up. */
export function notation(length: number, critical = false): Buffer {
  const name = Buffer.alloc(length - 8, 'a');
  name.write('@', 1);
  return sub(20, Buffer.concat([Buffer.of(0x80, 0, 0, 0), uint(name.length, 2), uint(0, 2), name]), critical);
}

const FLAGS = 27;
export const flags = (value: number): Buffer => sub(FLAGS, Buffer.of(value));
export const lifetime = (seconds: number): Buffer => sub(9, uint(seconds, 4));

/** A certification of a user id by `by`, default the key itself: it may certify and sign. */
export function certify(key: CraftedKey, userId: string | Uint8Array, craft: Craft = {}, by = key): Buffer {
  const text = Buffer.from(userId);
  const parts = [hashedKey(key.body), Buffer.of(0xb4), uint(text.length, 4), text];
  const usual: Craft = { type: 0x13, created: T0, hashed: list => [...list, flags(3)] };
  return packet(2, craftSignature(by, parts, { ...usual, ...craft }));
}

export const USER_ID = 'Index <index@example.com>';

/** Key, user id, certification; then what is added. */
export function craftCertificate(key: CraftedKey, ...more: readonly Buffer[]): Buffer {
  return Buffer.concat([
    packet(6, key.body),
    packet(13, Buffer.from(USER_ID)),
    certify(key, USER_ID),
    ...more,
  ]);
}

/** A subkey with its binding; `back: null` without the subkey's own signature. */
export function bind(
  key: CraftedKey,
  subkey: CraftedKey,
  craft: Craft = {},
  back: Craft | null = {},
): Buffer {
  const parts = [hashedKey(key.body), hashedKey(subkey.body)];
  const embedded =
    back === null ? [] : [sub(32, craftSignature(subkey, parts, { type: 0x19, created: T0, ...back }))];
  const usual: Craft = {
    type: 0x18,
    created: T0,
    hashed: list => [...list, flags(2)],
    unhashed: list => [...list, ...embedded],
  };
  return Buffer.concat([
    packet(14, subkey.body),
    packet(2, craftSignature(key, parts, { ...usual, ...craft })),
  ]);
}

/** 0x20 of the key, by `by`. */
export function revoke(key: CraftedKey, reason: number, craft: Craft = {}, by = key): Buffer {
  const usual: Craft = { type: 0x20, hashed: list => [...list, sub(29, Buffer.of(reason))] };
  return packet(2, craftSignature(by, [hashedKey(key.body)], { ...usual, ...craft }));
}

/** Puts packets after the primary key. */
export function afterKey(key: CraftedKey, ...packets: readonly Buffer[]): Buffer {
  const whole = craftCertificate(key);
  const head = packet(6, key.body).length;
  return Buffer.concat([whole.subarray(0, head), ...packets, whole.subarray(head)]);
}

export function hashedKey(body: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0x99), uint(body.length, 2), body]);
}

/** Old format, one octet of length where it fits. */
export function packet(tag: number, body: Buffer): Buffer {
  const octets = body.length < 256 ? 1 : 2;
  return Buffer.concat([Buffer.of(0x80 | (tag << 2) | (octets - 1)), uint(body.length, octets), body]);
}

export function sub(type: number, body: Buffer, critical = false): Buffer {
  return Buffer.concat([subLength(body.length + 1), Buffer.of(type | (critical ? 0x80 : 0)), body]);
}

function subLength(length: number): Buffer {
  return length < 192 ? Buffer.of(length) : Buffer.of(((length - 192) >> 8) + 192, (length - 192) & 255);
}

export function uint(value: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.writeUIntBE(value, 0, length);
  return bytes;
}

export function mpi(octets: Buffer): Buffer {
  const start = octets.findIndex(octet => octet !== 0);
  const rest = start < 0 ? Buffer.alloc(0) : octets.subarray(start);
  const bits = rest.length === 0 ? 0 : rest.length * 8 - Math.clz32(rest[0]) + 24;
  return Buffer.concat([uint(bits, 2), rest]);
}

export function armor(type: string, bytes: Buffer, crc = checksum(bytes)): string {
  const lines = bytes.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN ${type}-----\n\n${lines}\n=${crc}\n-----END ${type}-----\n`;
}

function checksum(bytes: Buffer): string {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit += 1) {
      crc <<= 1;
      if (crc & 0x1000000) crc ^= 0x1864cfb;
    }
  }
  return uint(crc, 3).toString('base64');
}
