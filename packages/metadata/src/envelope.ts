// The envelope of metadata in JSON with OLPC canonical signing (docs/pouf.md, section 2):
//
//   {"signatures":[{"keyid":"<hex>","sig":"<hex>"}],"signed":{"_type":"timestamp", …}}
//
// The format of a repository is pinned where its trust is, and each format has its own reader; bytes are never asked
// which one they are.

import { encodeCanonical, type JsonObject, parseJson } from '@cargo-tuf/canonical-json';
import { decodeHex } from '@cargo-tuf/keys';
import { fail } from './errors.ts';
import { Field } from './field.ts';
import { readKeyId } from './keys.ts';
import { METADATA_LIMITS } from './limits.ts';

export interface EnvelopeSignature {
  readonly keyId: string;
  readonly signature: Uint8Array;
}

/** Made by `parseEnvelope` only: a copy with one member changed is refused where it is used. */
export interface Envelope {
  /** Without those that are empty or no hex: they can never count. */
  readonly signatures: readonly EnvelopeSignature[];
  /** What signatures cover. */
  readonly payload: Uint8Array;
  readonly signed: JsonObject;
  /** The file as it came; not to be changed. */
  readonly bytes: Uint8Array;
}

const parsed = new WeakSet<Envelope>();

/** Reads a file of metadata. Nothing of it is trusted yet. Throws `JSON_*` and `METADATA_*`. */
export function parseEnvelope(bytes: Uint8Array): Envelope {
  const field = new Field(parseJson(bytes), 'metadata');
  const signed = field.member('signed').object();
  const signatures = readSignatures(field.member('signatures'));
  const envelope = Object.freeze({ signatures, payload: encodeCanonical(signed), signed, bytes });
  parsed.add(envelope);
  return envelope;
}

/** `payload` is the canonical form of `signed` only in an envelope that was parsed here. */
export function checkParsed(envelope: Envelope): void {
  if (!parsed.has(envelope))
    throw fail('METADATA_ENVELOPE', 'metadata: envelope was not made by parseEnvelope');
}

/** A key id that appears twice refuses the file, whatever the threshold (specification, section 4.2). */
function readSignatures(field: Field): readonly EnvelopeSignature[] {
  const entries = field.elements(METADATA_LIMITS.signatures);
  const keyIds = entries.map(entry => readKeyId(entry.member('keyid')));
  if (new Set(keyIds).size !== keyIds.length) field.refuse('METADATA_DUPLICATE', 'a key id appears twice');
  return entries.flatMap((entry, index) => {
    const sig = entry.member('sig');
    const text = sig.string();
    if (text.length > METADATA_LIMITS.signatureBytes * 2)
      sig.refuse('METADATA_LIMIT', 'signature is too long');
    if (!/^(?:[0-9a-f]{2})+$/.test(text)) return [];
    return [{ keyId: keyIds[index] as string, signature: decodeHex(text) }];
  });
}
