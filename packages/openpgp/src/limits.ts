/** Bounds of what is read. gpg's own files are far smaller: a signature of Ed25519 has 119 bytes. */
export const OPENPGP_LIMITS: OpenPgpLimits = {
  signatureArmor: 16 * 1024,
  certificateArmor: 256 * 1024,
  armorLine: 76,
  armorHeaders: 16,
  armorHeaderLength: 256,
  signatures: 16,
  certificatePackets: 64,
  subkeys: 16,
  userIds: 32,
  userIdBytes: 1_024,
  signaturePacket: 2_048,
  hashedBytes: 1_024,
  unhashedBytes: 512,
  subpackets: 32,
};

export interface OpenPgpLimits {
  /** Characters of an armored signature, and bytes of one that is not armored. */
  readonly signatureArmor: number;
  /** The same for a certificate. */
  readonly certificateArmor: number;
  /** Characters of a line of base64. */
  readonly armorLine: number;
  readonly armorHeaders: number;
  readonly armorHeaderLength: number;
  /** Packets in one armor, where more than one is allowed. */
  readonly signatures: number;
  readonly certificatePackets: number;
  readonly subkeys: number;
  readonly userIds: number;
  readonly userIdBytes: number;
  readonly signaturePacket: number;
  readonly hashedBytes: number;
  readonly unhashedBytes: number;
  /** Subpackets of one area. */
  readonly subpackets: number;
}
