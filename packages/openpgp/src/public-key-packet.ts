// Public keys, RFC 4880, section 5.5.2, with the curve of gpg's native Ed25519 (algorithm 22, EdDSA):
//
//   04                       version
//   6b015f30                 created, seconds since 1970
//   16                       algorithm 22
//   09 2b06010401da470f01    the curve, 1.3.6.1.4.1.11591.15.1
//   0107 40 b284d49e…        263 bits: 40 and the 32 octets of the point

import { decodeHex, equalBytes, importPublicKey, type PublicKey } from '@cargo-tuf/keys';
import { ByteReader, concatBytes } from './bytes.ts';
import { fail } from './errors.ts';
import { computeFingerprint, type Fingerprint } from './fingerprint.ts';
import { skipKeyNumbers } from './foreign-numbers.ts';
import { encodeMpi, readMpi } from './mpi.ts';
import { readSeconds, writeSeconds } from './time.ts';

export const EDDSA = 22;
const ED25519 = decodeHex('2b06010401da470f01');
const NATIVE_POINT = 0x40;

export interface KeyPacket {
  readonly fingerprint: Fingerprint;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly algorithm: number;
  /** Undefined for another algorithm than Ed25519. */
  readonly publicKey: PublicKey | undefined;
  readonly body: Uint8Array;
}

/** `created`: milliseconds since 1970. */
export function encodePublicKey(publicKey: PublicKey, created: number): Uint8Array {
  return concatBytes(
    Uint8Array.of(4),
    writeSeconds(created),
    Uint8Array.of(EDDSA, ED25519.length),
    ED25519,
    encodeMpi(concatBytes(Uint8Array.of(NATIVE_POINT), publicKey.bytes)),
  );
}

/** Throws `OPENPGP_VERSION`, `OPENPGP_ALGORITHM`, `OPENPGP_KEY`, `OPENPGP_MPI`, `OPENPGP_TRUNCATED`, `OPENPGP_TRAILING`. */
export function decodePublicKey(body: Uint8Array): KeyPacket {
  const reader = new ByteReader(body, 'public key');
  const version = reader.byte();
  if (version !== 4) {
    throw fail('OPENPGP_VERSION', `public key: version ${version}, expected 4`, { details: { version } });
  }
  const created = readSeconds(reader.take(4));
  const algorithm = reader.byte();
  const publicKey = algorithm === EDDSA ? readEd25519(reader) : undefined;
  if (publicKey === undefined) skipKeyNumbers(reader, algorithm);
  return { fingerprint: computeFingerprint(body), created, algorithm, publicKey, body };
}

function readEd25519(reader: ByteReader): PublicKey {
  const curve = reader.take(reader.byte());
  if (!equalBytes(curve, ED25519)) {
    throw fail('OPENPGP_ALGORITHM', 'public key: EdDSA on another curve, expected Ed25519');
  }
  const point = readMpi(reader, 33, 'public key');
  reader.end();
  if (point[0] !== NATIVE_POINT) {
    throw fail('OPENPGP_KEY', `public key: point begins with ${point[0]}, expected ${NATIVE_POINT} (native)`);
  }
  try {
    return importPublicKey('ed25519', point.subarray(1));
  } catch (cause) {
    throw fail('OPENPGP_KEY', 'public key: no point that Ed25519 keys may have', { cause });
  }
}
