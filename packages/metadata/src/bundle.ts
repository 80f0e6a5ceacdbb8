// The roles of one snapshot in one file (docs/pouf.md, section 2.3), for clients that have none of them: a request instead of four,
// and a third of the bytes. It is signed by nobody; each role in it is checked as if it had come alone.
//
//   54 42 01 <raw DEFLATE with the dictionary below: snapshot ‖ targets ‖ claims ‖ crates>

import { deflateSync, inflateSync } from 'fflate';
import { fail } from './errors.ts';
import { encodeText } from './utf8.ts';

const HEADER = [0x54, 0x42, 0x01] as const;

/** What most roles say. Never changes: another dictionary is another format. */
const DICTIONARY: Uint8Array = encodeText(
  [
    '"keytype":"ecdsa","keyval":{"public":"-----BEGIN PUBLIC KEY-----\\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE',
    '\\n-----END PUBLIC KEY-----\\n"},"scheme":"ecdsa-sha2-nistp256"},',
    '"map":{"changes":{"1":[,"],"16":[,"],"262144":[,"],"32768":[,"],"4":[,"],"4096":[,"],"512":[,"],"64":[',
    '"]},"root":"","size":',
    '"],"terminating":false,"threshold":2}]},"expires":"2027-',
    '{"signatures":[{"keyid":"","sig":""},{"keyid":"',
    '"}],"signed":{"_type":"targets","delegations":{"keys":{"":{"keytype":"ed25519","keyval":{"public":"',
    '"},"scheme":"ed25519"}},"roles":[{"keyids":["',
    '"],"name":"claims","paths":["1/?","2/??","3/?/???","??/??/*"],"terminating":false,"threshold":1},{"keyids":["',
    '"],"name":"crates","paths":["1/?","2/??","3/?/???","??/??/*"],"terminating":false,"threshold":1}]},"expires":"2026-',
    'T00:00:00Z","spec_version":"1.0.34","targets":{"config.json":{"hashes":{"sha256":"',
    '"},"length":"}},"targets":{},"version":1,"x-cargo-tuf":{"map":{"root":"',
    '0000000000000000000000000000000000000000000000000000000000000000","size":0,"version":1},"repository":"',
    '"}}}{"signatures":[{"keyid":"","sig":"',
    '"}],"signed":{"_type":"snapshot","expires":"2026-',
    'T00:00:00Z","meta":{"claims.json":{"hashes":{"sha256":"',
    '"},"length":540,"version":1},"crates.json":{"hashes":{"sha256":"',
    '"},"length":1185,"version":},"targets.json":{"hashes":{"sha256":"',
    '"},"length":1322,"version":1}},"spec_version":"1.0.34","version":,"x-cargo-tuf":{"repository":"',
  ].join(''),
);

/** Bytes of a bundle, and of what is in it. */
export const BUNDLE_BYTES: number = 65_536;
const CONTENT_BYTES = 262_144;

/** Undefined where the roles are too large for a bundle. */
export function packBundle(roles: readonly Uint8Array[]): Uint8Array | undefined {
  const length = roles.reduce((sum, { length }) => sum + length, 0);
  if (length > CONTENT_BYTES) return undefined;
  const content = new Uint8Array(length);
  let at = 0;
  for (const role of roles) {
    content.set(role, at);
    at += role.length;
  }
  const packed = deflateSync(content, { level: 9, dictionary: DICTIONARY });
  const bundle = new Uint8Array(HEADER.length + packed.length);
  bundle.set(HEADER);
  bundle.set(packed, HEADER.length);
  return bundle.length > BUNDLE_BYTES ? undefined : bundle;
}

/** The roles, one after the other; their lengths stand in those that name them. Throws `METADATA_BUNDLE`. */
export function unpackBundle(bytes: Uint8Array): Uint8Array {
  if (bytes.length > BUNDLE_BYTES) throw refuseBundle(`${bytes.length} bytes, at most ${BUNDLE_BYTES}`);
  if (HEADER.some((byte, at) => bytes[at] !== byte)) throw refuseBundle('not a bundle of format 1');
  const content = inflate(bytes.subarray(HEADER.length));
  if (content.length > CONTENT_BYTES) throw refuseBundle(`holds more than ${CONTENT_BYTES} bytes`);
  return content;
}

function inflate(packed: Uint8Array): Uint8Array {
  try {
    return inflateSync(packed, { dictionary: DICTIONARY, out: new Uint8Array(CONTENT_BYTES + 1) });
  } catch (cause) {
    throw refuseBundle('does not unpack', cause);
  }
}

function refuseBundle(reason: string, cause?: unknown): Error {
  return fail('METADATA_BUNDLE', `bundle: ${reason}`, cause === undefined ? {} : { cause });
}
