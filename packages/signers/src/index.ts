export { createFileSigner, openFileSigner } from './file-signer.ts';
export { openGpgAgentSigner } from './gpg-agent/gpg-agent-signer.ts';
export type { SignerErrorCode } from './errors.ts';
export type { FileSignerOptions } from './file-signer.ts';
export type { GpgAgentOptions } from './gpg-agent/gpg-agent-signer.ts';
