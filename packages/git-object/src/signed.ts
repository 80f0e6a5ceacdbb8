// What a signature covers, cut from the bytes of the object themselves, never written again from its fields.
//
// - a commit: all of it without the header of the signature
// - a tag: all that stands before the signature

import { fail } from './errors.ts';
import { formatSignatureHeader, readCommit } from './commit.ts';
import { GIT_OBJECT_LIMITS, type GitObjectLimits } from './limits.ts';
import type { ObjectFormat } from './object-id.ts';
import { readTag } from './tag.ts';
import { concatBytes, encodeUtf8 } from './text.ts';

export interface SignedPayload {
  readonly payload: Uint8Array;
  /** Armored; undefined when the object is not signed. */
  readonly signature: string | undefined;
}

/** The bytes that the signature of a commit or tag covers. Throws what `parseCommit` and `parseTag` throw. */
export function signedPayload(
  type: 'commit' | 'tag',
  bytes: Uint8Array,
  format: ObjectFormat,
  limits?: Partial<GitObjectLimits>,
): SignedPayload {
  const all = { ...GIT_OBJECT_LIMITS, ...limits };
  if (type === 'tag') {
    const { tag, signatureStart } = readTag(bytes, format, all);
    return { payload: bytes.slice(0, signatureStart), signature: tag.signature };
  }
  const { commit, signed } = readCommit(bytes, format, all);
  if (signed === undefined) return { payload: bytes.slice(), signature: undefined };
  const payload = concatBytes(bytes.subarray(0, signed.start), bytes.subarray(signed.end));
  return { payload, signature: commit.signature };
}

/**
 * The object with this signature, or without one (undefined). One that it has is replaced. The payload stays as it is,
 * byte for byte.
 */
export function withSignature(
  type: 'commit' | 'tag',
  bytes: Uint8Array,
  signature: string | undefined,
  format: ObjectFormat,
  limits?: Partial<GitObjectLimits>,
): Uint8Array {
  const all = { ...GIT_OBJECT_LIMITS, ...limits };
  const { payload } = signedPayload(type, bytes, format, all);
  if (signature === undefined) return payload;
  const signed =
    type === 'tag'
      ? concatBytes(payload, encodeUtf8(signature))
      : signCommit(payload, signature, format, all);
  const read = signedPayload(type, signed, format, all);
  if (read.signature !== signature || read.payload.length !== payload.length) {
    throw fail(
      'GIT_OBJECT_SIGNATURE',
      `${type}: the signature does not stand alone, expected a line feed before it`,
    );
  }
  return signed;
}

function signCommit(
  payload: Uint8Array,
  signature: string,
  format: ObjectFormat,
  limits: GitObjectLimits,
): Uint8Array {
  const { headersEnd } = readCommit(payload, format, limits);
  return concatBytes(
    payload.subarray(0, headersEnd),
    encodeUtf8(formatSignatureHeader(signature, format)),
    payload.subarray(headersEnd),
  );
}
