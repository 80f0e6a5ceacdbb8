import { fail } from './errors.ts';

declare const TextEncoder: new () => { encode(text: string): Uint8Array };
declare const TextDecoder: new (
  label: 'utf-8',
  options: { readonly fatal: true; readonly ignoreBOM: true },
) => { decode(bytes: Uint8Array): string };

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Throws `MERKLE_NAME` for a lone surrogate: the encoder would replace it, and two names would have one key. */
export function encodeUtf8(text: string): Uint8Array {
  if (/\p{Cs}/u.test(text)) throw fail('MERKLE_NAME', 'name: lone surrogate, expected Unicode text');
  return encoder.encode(text);
}

/** Throws `MERKLE_SYNTAX`. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw fail('MERKLE_SYNTAX', 'name: bytes are not UTF-8', { cause });
  }
}
