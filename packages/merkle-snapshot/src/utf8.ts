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
  const ascii = asciiView(text);
  if (ascii !== undefined) return ascii.slice();
  if (/\p{Cs}/u.test(text)) throw fail('MERKLE_NAME', 'name: lone surrogate, expected Unicode text');
  return encoder.encode(text);
}

/** Throws `MERKLE_SYNTAX`. */
export function decodeUtf8(bytes: Uint8Array): string {
  // Nearly every name. The decoder takes several times as long to begin.
  if (isShortAscii(bytes)) return String.fromCharCode.apply(undefined, bytes as unknown as number[]);
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw fail('MERKLE_SYNTAX', 'name: bytes are not UTF-8', { cause });
  }
}

function isShortAscii(bytes: Uint8Array): boolean {
  if (bytes.length > 64) return false;
  for (let index = 0; index < bytes.length; index += 1) if ((bytes[index] as number) >= 0x80) return false;
  return true;
}

const scratch = new Uint8Array(512);
/** The first 0, 1, 2, … bytes of it: making a view takes as long as filling it. */
const views: readonly Uint8Array[] = Array.from({ length: scratch.length + 1 }, (_, length) =>
  scratch.subarray(0, length),
);

/**
 * The bytes of a short text of ASCII, good until the next call; undefined for any other. A tenth of the time that the encoder
 * takes.
 */
export function asciiView(text: string): Uint8Array | undefined {
  if (text.length > scratch.length) return undefined;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= 0x80) return undefined;
    scratch[index] = code;
  }
  return views[text.length];
}
