import {
  encodeCanonical,
  encodeJson,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseJson,
} from '@cargo-tuf/canonical-json';
import { encodeHex, type Signer } from '@cargo-tuf/keys';
import { formatKey } from '@cargo-tuf/metadata';

/**
 * A metadata file with some members of `signed` changed and signed by these keys: what a thief makes who need not keep to
 * any rule of a publisher.
 */
export async function forge(
  bytes: Uint8Array,
  changes: Readonly<Record<string, JsonValue>>,
  signers: readonly Signer[],
): Promise<Uint8Array> {
  const envelope = parseJson(bytes);
  const signed = isJsonObject(envelope) ? envelope.get('signed') : undefined;
  if (!isJsonObject(signed)) throw new TypeError('forge: not a metadata file');
  const next: JsonObject = new Map([...signed, ...Object.entries(changes)]);
  const payload = encodeCanonical(next);
  const signatures: JsonValue[] = [];
  for (const signer of signers) {
    const sig = encodeHex(await signer.sign(payload));
    signatures.push(
      new Map([
        ['keyid', formatKey(signer.publicKey).keyId],
        ['sig', sig],
      ]),
    );
  }
  return encodeJson(
    new Map<string, JsonValue>([
      ['signatures', signatures],
      ['signed', next],
    ]),
  );
}

/** The `signed` part of a metadata file. */
export function signedPart(bytes: Uint8Array): JsonObject {
  const envelope = parseJson(bytes);
  const signed = isJsonObject(envelope) ? envelope.get('signed') : undefined;
  if (!isJsonObject(signed)) throw new TypeError('signedPart: not a metadata file');
  return signed;
}
