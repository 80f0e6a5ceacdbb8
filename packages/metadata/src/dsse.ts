// The envelope of metadata in DSSE (docs/pouf.md, section 2.2; the DSSE specification 1.0.2):
//
//   {"payloadType":"application/vnd.tuf+json","payload":"<base64>","signatures":[{"keyid":"<hex>","sig":"<base64>"}]}
//
// A signature covers the exact bytes of the payload, which are read only from there:
//
//   DSSEv1 24 application/vnd.tuf+json 2 {}

import { parseJson } from '@cargo-tuf/canonical-json';
import { decodeBase64 } from '@cargo-tuf/keys';
import { escapeText } from '@cargo-tuf/errors';
import { Field } from './field.ts';
import { openReading, type ReadOptions } from './reading.ts';
import { type EnvelopeParts, readSignatures } from './signatures.ts';
import { encodeText } from './utf8.ts';

export const PAYLOAD_TYPE = 'application/vnd.tuf+json';

export function readDsse(bytes: Uint8Array, options: ReadOptions): EnvelopeParts {
  // The payload is one string, as long as the file that its reader asked for; every other string has a limit of its own.
  const file = parseJson(bytes, { ...options.json, stringBytes: Number.MAX_SAFE_INTEGER });
  const field = new Field(file, 'metadata', openReading(options));
  if (field.optional('signed') !== undefined) {
    field.refuse('METADATA_FORMAT', 'a file with "signed", expected DSSE with "payload"');
  }
  const type = field.member('payloadType');
  if (type.string() !== PAYLOAD_TYPE) {
    type.refuse('METADATA_FORMAT', `"${escapeText(type.string(), 40)}", expected "${PAYLOAD_TYPE}"`);
  }
  const payload = readPayload(field.member('payload'));
  const signed = new Field(parseJson(payload, options.json), 'metadata', field.reading).object();
  const signatures = readSignatures(field.member('signatures'), decodeSignature);
  return { signatures, payload: encodePae(payload), signed };
}

/** Pre-authentication encoding: what a signature covers. Lengths are in bytes. */
export function encodePae(payload: Uint8Array): Uint8Array {
  const head = encodeText(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `);
  const covered = new Uint8Array(head.length + payload.length);
  covered.set(head);
  covered.set(payload, head.length);
  return covered;
}

function readPayload(field: Field): Uint8Array {
  return (
    decodeBase64(field.string()) ?? field.refuse('METADATA_SHAPE', 'no base64, expected that with padding')
  );
}

function decodeSignature(text: string): Uint8Array | undefined {
  return text === '' ? undefined : decodeBase64(text);
}
