// The list of signatures, which both envelopes have: [{"keyid":"…","sig":"…"}].

import type { JsonObject } from '@cargo-tuf/canonical-json';
import type { Field } from './field.ts';
import { readKeyId } from './keys.ts';

export interface EnvelopeSignature {
  readonly keyId: string;
  readonly signature: Uint8Array;
}

/** What a format's reader finds in a file. */
export interface EnvelopeParts {
  readonly signatures: readonly EnvelopeSignature[];
  /** What signatures cover. */
  readonly payload: Uint8Array;
  /** Read from nothing but the payload. */
  readonly signed: JsonObject;
}

/**
 * A key id that appears twice refuses the file, whatever the threshold (specification, section 4.2). A signature that is
 * empty, or that `decode` cannot read, is left out.
 */
export function readSignatures(
  field: Field,
  decode: (text: string) => Uint8Array | undefined,
): readonly EnvelopeSignature[] {
  const { limits } = field.reading;
  const entries = field.elements(limits.signatures);
  const keyIds = entries.map(entry => readKeyId(entry.member('keyid')));
  if (new Set(keyIds).size !== keyIds.length) field.refuse('METADATA_DUPLICATE', 'a key id appears twice');
  return entries.flatMap((entry, index) => {
    const sig = entry.member('sig');
    const text = sig.string();
    // Hex takes two characters a byte; base64 takes fewer.
    if (text.length > limits.signatureBytes * 2) sig.refuse('METADATA_LIMIT', 'signature is too long');
    const signature = decode(text);
    return signature === undefined ? [] : [{ keyId: keyIds[index] as string, signature }];
  });
}
