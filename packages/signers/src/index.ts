export { createFileSigner, openFileSigner } from './file-signer.ts';
export type { SignerErrorCode } from './errors.ts';
export type { FileSignerOptions } from './file-signer.ts';
