import { sha256, encodeHex } from '@cargo-tuf/keys';

/** The bytes of an index entry: one line a version, with a checksum that follows from name and version. */
export function indexEntry(name: string, ...versions: readonly string[]): Uint8Array {
  const lines = versions.map(vers => {
    const cksum = encodeHex(sha256(new TextEncoder().encode(`${name} ${vers}`)));
    return `{"name":"${name}","vers":"${vers}","deps":[],"cksum":"${cksum}","features":{},"yanked":false}\n`;
  });
  return new TextEncoder().encode(lines.join(''));
}
