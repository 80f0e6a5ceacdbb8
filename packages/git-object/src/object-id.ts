// Object ids: the hash of `<type> <length>\0` and the bytes of the object, in lower-case hex.
//
//   blob "hello\n" in a SHA-1 repository    ce013625030ba8dba906f756967f9e9ca394464a
//
// The id of zeros means "no object" to git and names none here.

import { escapeText } from '@cargo-tuf/errors';
import { createSha256, encodeHex } from '@cargo-tuf/keys';
import { fail } from './errors.ts';
import { type Hash, Sha1 } from './sha1.ts';
import { encodeUtf8 } from './text.ts';

/** Which hash names the objects of a repository: `extensions.objectFormat`. */
export type ObjectFormat = 'sha1' | 'sha256';

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

declare const objectIdBrand: unique symbol;

/** A checked object id of one format. */
export type ObjectId = string & { readonly [objectIdBrand]: true };

/** Bytes of an id: 20 or 32. */
export const ID_BYTES: Readonly<Record<ObjectFormat, number>> = { sha1: 20, sha256: 32 };

/** The id of the object of this type with these bytes. Throws `GIT_OBJECT_COLLISION`. */
export function objectId(type: ObjectType, bytes: Uint8Array, format: ObjectFormat): ObjectId {
  const hash = createObjectHash(type, bytes.length, format);
  hash.update(bytes);
  return hash.digest();
}

export interface ObjectHash {
  /** Throws `GIT_OBJECT_COLLISION`, as `digest` does. */
  update(bytes: Uint8Array): void;
  /** Throws `GIT_OBJECT_LENGTH` when not exactly the announced bytes were given. */
  digest(): ObjectId;
}

/** The id of an object that comes in pieces. `length` is that of all its bytes. */
export function createObjectHash(type: ObjectType, length: number, format: ObjectFormat): ObjectHash {
  const hash: Hash = format === 'sha1' ? new Sha1() : createSha256();
  hash.update(encodeUtf8(`${type} ${length}\0`));
  let found = 0;
  return {
    update(bytes) {
      found += bytes.length;
      hash.update(bytes);
    },
    digest() {
      if (found !== length) {
        throw fail('GIT_OBJECT_LENGTH', `${type}: ${found} bytes, expected ${length}`, {
          details: { found, length },
        });
      }
      return encodeHex(hash.digest()) as ObjectId;
    },
  };
}

/** Throws `GIT_OBJECT_ID` for all but a full id in lower case; ids of zeros name no object. */
export function parseObjectId(text: string, format: ObjectFormat): ObjectId {
  if (!isObjectId(text, format)) {
    throw fail(
      'GIT_OBJECT_ID',
      `object id: "${escapeText(text, 80)}", expected ${ID_BYTES[format] * 2} lower-case hex digits, not all 0`,
      { details: { id: escapeText(text, 80), format } },
    );
  }
  return text;
}

export function isObjectId(text: string, format: ObjectFormat): text is ObjectId {
  return text.length === ID_BYTES[format] * 2 && HEX.test(text) && !ZEROS.test(text);
}

const HEX = /^[0-9a-f]+$/;
const ZEROS = /^0+$/;
