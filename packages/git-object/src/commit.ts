// A commit object:
//
//   tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904
//   parent a8c1e9f0... (none, one or more)
//   author Ferris <ferris@example.org> 1763712000 +0000
//   committer Ferris <ferris@example.org> 1763712000 +0000
//   encoding ISO-8859-1 (if given)
//   mergetag object ... (for each merged tag that is signed)
//   gpgsig -----BEGIN PGP SIGNATURE----- (gpgsig-sha256 in a SHA-256 repository; always the last header)
//
//   The message: any bytes but NUL.
//
// Every header in this order and no other: git keeps and fsck accepts a commit with two signatures, or with a header
// that the signature does not cover.

import { escapeText } from '@cargo-tuf/errors';
import { fail } from './errors.ts';
import { HeaderCursor, lineOf } from './header-cursor.ts';
import { formatHeader, type Header, readHeaders } from './header-lines.ts';
import { formatIdentity, type Identity, parseIdentity } from './identity.ts';
import { checkLimit, GIT_OBJECT_LIMITS, type GitObjectLimits } from './limits.ts';
import { checkMessage } from './message.ts';
import { type ObjectFormat, type ObjectId, parseObjectId } from './object-id.ts';
import { parseSignature, SIGNATURE_HEADERS } from './signature.ts';
import { concatBytes, encodeUtf8 } from './text.ts';

export interface Commit {
  readonly tree: ObjectId;
  readonly parents: readonly ObjectId[];
  readonly author: Identity;
  readonly committer: Identity;
  /** What the `encoding` header says of the message. Names are UTF-8 whatever it says. */
  readonly encoding?: string;
  /** The merged tags, as objects of their own. */
  readonly mergeTags: readonly Uint8Array[];
  /** Armored, line feed at the end. Covers what `signedPayload` gives. */
  readonly signature?: string;
  readonly message: Uint8Array;
}

/** Throws `GIT_OBJECT_…` for all that is not a commit of the grammar above. */
export function parseCommit(
  bytes: Uint8Array,
  format: ObjectFormat,
  limits?: Partial<GitObjectLimits>,
): Commit {
  return readCommit(bytes, format, { ...GIT_OBJECT_LIMITS, ...limits }).commit;
}

/** The commit, its signature's header, and where its headers end. */
export function readCommit(
  bytes: Uint8Array,
  format: ObjectFormat,
  limits: GitObjectLimits,
): { readonly commit: Commit; readonly signed: Header | undefined; readonly headersEnd: number } {
  checkLimit('commit: bytes', bytes.length, limits.commitBytes);
  const { headers, body } = readHeaders('commit', bytes, limits);
  checkSignatureHeaders(headers, format);
  const cursor = new HeaderCursor('commit', headers);
  const tree = parseObjectId(lineOf('commit', cursor.take('tree')), format);
  const parents = parseParents(cursor.takeAll('parent'), format, limits);
  const author = parseIdentity('commit: author', lineOf('commit', cursor.take('author')));
  const committer = parseIdentity('commit: committer', lineOf('commit', cursor.take('committer')));
  const encoding = parseEncoding(cursor.takeOptional('encoding'));
  const mergeTags = cursor.takeAll('mergetag').map(each => concatBytes(each.value, NEWLINE));
  const signed = cursor.takeOptional(SIGNATURE_HEADERS[format]);
  const signature = signed && parseSignature('commit', concatBytes(signed.value, NEWLINE), limits);
  cursor.end();
  const message = bytes.subarray(body);
  checkMessage('commit', message);
  const commit: Commit = {
    tree,
    parents,
    author,
    committer,
    ...(encoding !== undefined && { encoding }),
    mergeTags,
    ...(signature !== undefined && { signature }),
    message,
  };
  return { commit, signed, headersEnd: body - 1 };
}

const NEWLINE = Uint8Array.of(0x0a);

// Both headers at once, or one of the other format: git covers neither by the signature that it checks.
function checkSignatureHeaders(headers: readonly Header[], format: ObjectFormat): void {
  const names = headers.map(header => header.name).filter(name => SIGNATURES.includes(name));
  if (names.length > 1) {
    throw fail(
      'GIT_OBJECT_SIGNATURE_TWICE',
      `commit: ${names.length} signature headers, expected at most 1`,
      {
        details: { found: names },
      },
    );
  }
  const [name] = names;
  if (name !== undefined && name !== SIGNATURE_HEADERS[format]) {
    throw fail(
      'GIT_OBJECT_SIGNATURE_FORMAT',
      `commit: header ${name}, expected ${SIGNATURE_HEADERS[format]}`,
      {
        details: { found: name, expected: SIGNATURE_HEADERS[format] },
      },
    );
  }
}

const SIGNATURES: readonly string[] = Object.values(SIGNATURE_HEADERS);

function parseParents(headers: readonly Header[], format: ObjectFormat, limits: GitObjectLimits): ObjectId[] {
  checkLimit('commit: parents', headers.length, limits.parents);
  const parents = headers.map(header => parseObjectId(lineOf('commit', header), format));
  if (new Set(parents).size !== parents.length)
    throw fail('GIT_OBJECT_HEADER', 'commit: a parent appears twice, expected each once');
  return parents;
}

function parseEncoding(header: Header | undefined): string | undefined {
  if (header === undefined) return undefined;
  const text = lineOf('commit', header);
  if (!ENCODING.test(text)) {
    throw fail('GIT_OBJECT_HEADER', `commit: encoding "${escapeText(text, 60)}", expected the name of one`);
  }
  return text;
}

const ENCODING = /^[A-Za-z0-9][A-Za-z0-9._:+-]{0,63}$/;

/** The bytes of the commit object. What `parseCommit` would refuse is refused here. */
export function formatCommit(
  commit: Commit,
  format: ObjectFormat,
  limits?: Partial<GitObjectLimits>,
): Uint8Array {
  const parts = [
    encodeUtf8(
      [
        formatHeader('tree', commit.tree),
        ...commit.parents.map(parent => formatHeader('parent', parent)),
        formatHeader('author', formatIdentity('commit: author', commit.author)),
        formatHeader('committer', formatIdentity('commit: committer', commit.committer)),
        commit.encoding === undefined ? '' : formatHeader('encoding', commit.encoding),
      ].join(''),
    ),
    ...commit.mergeTags.map(tag => formatMergeTag(tag)),
    commit.signature === undefined ? EMPTY : encodeUtf8(formatSignatureHeader(commit.signature, format)),
    NEWLINE,
    commit.message,
  ];
  const bytes = concatBytes(...parts);
  parseCommit(bytes, format, limits);
  return bytes;
}

const EMPTY = new Uint8Array(0);

/** The lines of the signature's header. `signature` ends with a line feed. */
export function formatSignatureHeader(signature: string, format: ObjectFormat): string {
  if (!signature.endsWith('\n'))
    throw fail('GIT_OBJECT_SIGNATURE', 'commit: signature without a line feed at its end, expected one');
  return formatHeader(SIGNATURE_HEADERS[format], signature.slice(0, -1));
}

function formatMergeTag(tag: Uint8Array): Uint8Array {
  if (tag.at(-1) !== 0x0a)
    throw fail('GIT_OBJECT_HEADER', 'commit: merged tag without a line feed at its end, expected one');
  const parts = [encodeUtf8('mergetag ')];
  for (let at = 0; at < tag.length; ) {
    const next = tag.indexOf(0x0a, at) + 1;
    if (at > 0) parts.push(Uint8Array.of(0x20));
    parts.push(tag.subarray(at, next));
    at = next;
  }
  return concatBytes(...parts);
}
