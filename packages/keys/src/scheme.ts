/** Signature schemes, by their names in TUF metadata. A scheme fixes key type, curve, padding and hash. */
export type Scheme = 'ed25519' | 'ecdsa-sha2-nistp256' | 'ecdsa-sha2-nistp384' | 'rsassa-pss-sha256';

/** Schemes that are verified only where they are allowed by name, and that nothing here signs with. */
export type LegacyScheme = 'rsa-pkcs1v15-sha256';
