// A tag object:
//
//   object a8c1e9f0...
//   type commit
//   tag root-rotation-v1-2
//   tagger Ferris <ferris@example.org> 1763712000 +0000
//
//   The message, then, if the tag is signed,
//   -----BEGIN PGP SIGNATURE-----
//   ...
//   -----END PGP SIGNATURE-----
//
// Whoever looks a tag up by its ref must compare `name`: a tag can be shown under the ref of another.

import { escapeText } from '@cargo-tuf/errors';
import { fail } from './errors.ts';
import { HeaderCursor, lineOf } from './header-cursor.ts';
import { formatHeader, readHeaders } from './header-lines.ts';
import { formatIdentity, type Identity, parseIdentity } from './identity.ts';
import { checkLimit, GIT_OBJECT_LIMITS, type GitObjectLimits } from './limits.ts';
import { checkMessage } from './message.ts';
import { type ObjectFormat, type ObjectId, type ObjectType, parseObjectId } from './object-id.ts';
import { isRefName } from './ref-name.ts';
import { findSignature, parseSignature } from './signature.ts';
import { concatBytes, encodeUtf8 } from './text.ts';

export interface Tag {
  readonly object: ObjectId;
  /** The type of `object`, as the tag claims. */
  readonly type: ObjectType;
  /** Without "refs/tags/". */
  readonly name: string;
  readonly tagger: Identity;
  readonly message: Uint8Array;
  /** Armored, line feed at the end. Covers what `signedPayload` gives. */
  readonly signature?: string;
}

/** Throws `GIT_OBJECT_…` for all that is not a tag of the grammar above. */
export function parseTag(bytes: Uint8Array, format: ObjectFormat, limits?: Partial<GitObjectLimits>): Tag {
  return readTag(bytes, format, { ...GIT_OBJECT_LIMITS, ...limits }).tag;
}

/** The tag, and where its signature starts: at the end when it has none. */
export function readTag(
  bytes: Uint8Array,
  format: ObjectFormat,
  limits: GitObjectLimits,
): { readonly tag: Tag; readonly signatureStart: number } {
  checkLimit('tag: bytes', bytes.length, limits.tagBytes);
  const { headers, body } = readHeaders('tag', bytes, limits);
  const cursor = new HeaderCursor('tag', headers);
  const object = parseObjectId(lineOf('tag', cursor.take('object')), format);
  const type = parseType(lineOf('tag', cursor.take('type')));
  const name = parseTagName(lineOf('tag', cursor.take('tag')));
  const tagger = parseIdentity('tag: tagger', lineOf('tag', cursor.take('tagger')));
  cursor.end();
  checkMessage('tag', bytes.subarray(body));
  const signatureStart = findSignature(bytes, body);
  const message = bytes.subarray(body, signatureStart);
  const tag: Tag = {
    object,
    type,
    name,
    tagger,
    message,
    ...(signatureStart < bytes.length && {
      signature: parseSignature('tag', bytes.subarray(signatureStart), limits),
    }),
  };
  return { tag, signatureStart };
}

function parseType(text: string): ObjectType {
  if (text === 'commit' || text === 'tree' || text === 'blob' || text === 'tag') return text;
  throw fail('GIT_OBJECT_TAG', `tag: type "${escapeText(text, 60)}", expected commit, tree, blob or tag`, {
    details: { found: escapeText(text) },
  });
}

function parseTagName(text: string): string {
  if (!text.startsWith('-') && isRefName(`refs/tags/${text}`)) return text;
  throw fail('GIT_OBJECT_TAG', `tag: name "${escapeText(text, 60)}", expected one that a ref can have`, {
    details: { found: escapeText(text) },
  });
}

/** The bytes of the tag object. What `parseTag` would refuse is refused here. */
export function formatTag(tag: Tag, format: ObjectFormat, limits?: Partial<GitObjectLimits>): Uint8Array {
  const headers = [
    formatHeader('object', tag.object),
    formatHeader('type', tag.type),
    formatHeader('tag', tag.name),
    formatHeader('tagger', formatIdentity('tag: tagger', tag.tagger)),
  ].join('');
  const bytes = concatBytes(encodeUtf8(`${headers}\n`), tag.message, encodeUtf8(tag.signature ?? ''));
  const read = parseTag(bytes, format, limits);
  if (read.message.length !== tag.message.length || read.signature !== tag.signature) {
    throw fail(
      'GIT_OBJECT_SIGNATURE',
      'tag: the message holds the first line of a signature, or no line feed before it',
    );
  }
  return bytes;
}
