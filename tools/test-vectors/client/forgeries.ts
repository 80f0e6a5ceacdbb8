// Changes to signatures after a file was signed.

import type { Envelope } from './repository.ts';

/** Every signature twice, under one key id. */
export function repeatSignatures(file: Envelope): void {
  file.signatures.push(...file.signatures.slice(0, 1));
}

/** Every key id, with an empty signature. */
export function emptySignatures(file: Envelope): void {
  for (const signature of file.signatures) signature.sig = '';
}
