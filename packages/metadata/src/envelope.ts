// The envelope of metadata in JSON with OLPC canonical signing (docs/pouf.md, section 2), and the choice of the format:
//
//   {"signatures":[{"keyid":"<hex>","sig":"<hex>"}],"signed":{"_type":"timestamp", …}}
//
// The format of a repository is pinned where its trust is, and each format has its own reader; bytes are never asked
// which one they are. A file that could be read as either is refused by both.

import { type JsonObject, parseSignedJson } from '@cargo-tuf/canonical-json';
import { decodeHex } from '@cargo-tuf/keys';
import { readDsse } from './dsse.ts';
import { fail } from './errors.ts';
import { Field } from './field.ts';
import { type Format, openReading, type ReadOptions } from './reading.ts';
import { type EnvelopeParts, type EnvelopeSignature, readSignatures } from './signatures.ts';

/** Made by `parseEnvelope` only: a copy with one member changed is refused where it is used. */
export interface Envelope {
  /** Without those that are empty or unreadable: they can never count. */
  readonly signatures: readonly EnvelopeSignature[];
  /** What signatures cover. */
  readonly payload: Uint8Array;
  readonly signed: JsonObject;
  /** The file as it came; not to be changed. */
  readonly bytes: Uint8Array;
}

const parsed = new WeakSet<Envelope>();

/**
 * Reads a file of metadata in the one format that it must have. Nothing of it is trusted yet. Throws `JSON_*` and
 * `METADATA_*`; `METADATA_FORMAT` for the other format.
 */
export function parseEnvelope(
  bytes: Uint8Array,
  format: Format = 'json',
  options: ReadOptions = {},
): Envelope {
  const parts = format === 'dsse' ? readDsse(bytes, options) : readJson(bytes, options);
  const envelope = Object.freeze({ ...parts, bytes });
  parsed.add(envelope);
  return envelope;
}

/** `payload` and `signed` belong together only in an envelope that was parsed here. */
export function checkParsed(envelope: Envelope): void {
  if (!parsed.has(envelope))
    throw fail('METADATA_ENVELOPE', 'metadata: envelope was not made by parseEnvelope');
}

function readJson(bytes: Uint8Array, options: ReadOptions): EnvelopeParts {
  const { value, canonical } = parseSignedJson(bytes, 'signed', options.json);
  const field = new Field(value, 'metadata', openReading(options));
  if (field.optional('payloadType') !== undefined || field.optional('payload') !== undefined) {
    field.refuse('METADATA_FORMAT', 'a file with "payload", expected JSON with "signed"');
  }
  const signed = field.member('signed').object();
  const signatures = readSignatures(field.member('signatures'), decodeSignature);
  return { signatures, payload: canonical as Uint8Array, signed };
}

function decodeSignature(text: string): Uint8Array | undefined {
  return /^(?:[0-9a-f]{2})+$/.test(text) ? decodeHex(text) : undefined;
}
