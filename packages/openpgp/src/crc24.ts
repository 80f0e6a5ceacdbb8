const POLYNOMIAL = 0x864cfb;

const TABLE: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 16;
  for (let bit = 0; bit < 8; bit += 1) value = value & 0x800000 ? (value << 1) ^ POLYNOMIAL : value << 1;
  return value & 0xffffff;
});

/** The checksum of armor, RFC 4880, section 6.1. It finds errors, not attackers. */
export function crc24(bytes: Uint8Array): number {
  let value = 0xb704ce;
  for (const byte of bytes) value = ((value << 8) & 0xffffff) ^ (TABLE[(value >> 16) ^ byte] as number);
  return value;
}
