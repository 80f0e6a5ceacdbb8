// Making envelopes. Signatures are verified before they are written (`signVerified`).

import {
  encodeCanonical,
  encodeJson,
  type JsonArray,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '@cargo-tuf/canonical-json';
import { encodeBase64, encodeHex, type PublicKey, type Signer, signVerified } from '@cargo-tuf/keys';
import { encodePae, PAYLOAD_TYPE } from './dsse.ts';
import { parseEnvelope } from './envelope.ts';
import { fail } from './errors.ts';
import { formatKey } from './keys.ts';
import type { Format, ReadOptions } from './reading.ts';

/** How the file is read again after it was written, and: */
export interface SignOptions extends ReadOptions {
  /** `json` unless given. */
  readonly format?: Format;
  /** The id under which the delegating role lists a key; the one of `formatKey` unless given. */
  readonly keyIdOf?: (publicKey: PublicKey) => string;
}

/** The file of a role with one signature of each signer. Throws `METADATA_SIGNER` for none, or for one key twice. */
export async function signEnvelope(
  signed: JsonObject,
  signers: readonly Signer[],
  options: SignOptions = {},
): Promise<Uint8Array> {
  const keys = new Set(signers.map(signer => signer.publicKey.identity));
  if (keys.size === 0 || keys.size !== signers.length) {
    throw fail(
      'METADATA_SIGNER',
      `metadata: ${signers.length} signers with ${keys.size} keys, expected each once`,
      {
        details: { signers: signers.length, keys: keys.size },
      },
    );
  }
  const { members, covered } = options.format === 'dsse' ? draftDsse(signed) : draftJson(signed);
  const signatures: JsonObject[] = [];
  for (const signer of signers) signatures.push(await signCovered(covered, signer, options));
  return formatEnvelope(members, signatures, options);
}

/** The file with the signature of one signer more, in the place of an earlier one under the same key id. */
export async function addSignature(
  bytes: Uint8Array,
  signer: Signer,
  options: SignOptions = {},
): Promise<Uint8Array> {
  const { payload } = parseEnvelope(bytes, options.format, options);
  const file = parseJson(bytes, { ...options.json, stringBytes: Number.MAX_SAFE_INTEGER }) as JsonObject;
  const signature = await signCovered(payload, signer, options);
  const others = (file.get('signatures') as JsonArray).filter(
    other => (other as JsonObject).get('keyid') !== signature.get('keyid'),
  );
  return formatEnvelope(file, [...others, signature], options);
}

interface Draft {
  /** The members of the file that are not signatures. */
  readonly members: JsonObject;
  /** What signatures cover. */
  readonly covered: Uint8Array;
}

function draftJson(signed: JsonObject): Draft {
  return { members: new Map([['signed', signed]]), covered: encodeCanonical(signed) };
}

/** The payload is JSON, not the canonical form: that one has a line break in a string as it is, and so is not JSON. */
function draftDsse(signed: JsonObject): Draft {
  const payload = encodeJson(signed, { sorted: true });
  const members = new Map([
    ['payloadType', PAYLOAD_TYPE],
    ['payload', encodeBase64(payload)],
  ]);
  return { members, covered: encodePae(payload) };
}

async function signCovered(covered: Uint8Array, signer: Signer, options: SignOptions): Promise<JsonObject> {
  const { format, keyIdOf } = options;
  const keyId = keyIdOf?.(signer.publicKey) ?? formatKey(signer.publicKey, format).keyId;
  const signature = await signVerified(signer, covered);
  return new Map([
    ['keyid', keyId],
    ['sig', format === 'dsse' ? encodeBase64(signature) : encodeHex(signature)],
  ]);
}

/**
 * `members` are those of the envelope to keep. Keys are sorted in JSON, so that a reader finds the signed bytes in the
 * file. The result is read again: what is written can be read.
 */
function formatEnvelope(members: JsonObject, signatures: JsonArray, options: SignOptions): Uint8Array {
  const envelope = new Map<string, JsonValue>([...members, ['signatures', signatures]]);
  const bytes = encodeJson(envelope, { sorted: options.format !== 'dsse' });
  parseEnvelope(bytes, options.format, options);
  return bytes;
}
