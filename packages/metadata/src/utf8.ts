declare const TextEncoder: new () => { encode(text: string): Uint8Array };

export function encodeText(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function isLongerThan(text: string, bytes: number): boolean {
  // A UTF-16 unit is at most three bytes of UTF-8.
  return text.length * 3 > bytes && encodeText(text).length > bytes;
}
