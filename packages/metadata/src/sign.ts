// Making envelopes. Signatures are verified before they are written (`signVerified`).

import {
  encodeCanonical,
  encodeJson,
  type JsonArray,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '@cargo-tuf/canonical-json';
import { encodeHex, type PublicKey, type Signer, signVerified } from '@cargo-tuf/keys';
import { parseEnvelope } from './envelope.ts';
import { fail } from './errors.ts';
import { formatKey } from './keys.ts';

export interface SignOptions {
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
  const signatures: JsonObject[] = [];
  for (const signer of signers) signatures.push(await signPayload(signed, signer, options));
  return formatEnvelope(new Map(), signatures, signed);
}

/** The file with the signature of one signer more, in the place of an earlier one under the same key id. */
export async function addSignature(
  bytes: Uint8Array,
  signer: Signer,
  options: SignOptions = {},
): Promise<Uint8Array> {
  const { signed } = parseEnvelope(bytes);
  const file = parseJson(bytes) as JsonObject;
  const signature = await signPayload(signed, signer, options);
  const others = (file.get('signatures') as JsonArray).filter(
    other => (other as JsonObject).get('keyid') !== signature.get('keyid'),
  );
  return formatEnvelope(file, [...others, signature], signed);
}

async function signPayload(signed: JsonObject, signer: Signer, options: SignOptions): Promise<JsonObject> {
  const keyId = options.keyIdOf?.(signer.publicKey) ?? formatKey(signer.publicKey).keyId;
  const signature = await signVerified(signer, encodeCanonical(signed));
  return new Map([
    ['keyid', keyId],
    ['sig', encodeHex(signature)],
  ]);
}

/** `file` holds the members of the envelope to keep. The result is read again: what is written can be read. */
function formatEnvelope(file: JsonObject, signatures: JsonArray, signed: JsonObject): Uint8Array {
  const envelope = new Map<string, JsonValue>([...file, ['signatures', signatures], ['signed', signed]]);
  const bytes = encodeJson(envelope);
  parseEnvelope(bytes);
  return bytes;
}
