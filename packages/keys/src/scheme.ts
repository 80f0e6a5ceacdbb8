/** Signature schemes, by their names in TUF metadata. A scheme fixes key type, curve and hash. */
export type Scheme = 'ed25519' | 'ecdsa-sha2-nistp256';
