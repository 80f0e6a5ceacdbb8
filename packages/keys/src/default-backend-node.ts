// What `#default-backend` of package.json means under Node: the curves in JavaScript are not even loaded.

import type { CryptoBackend } from './backend.ts';
import { fail } from './errors.ts';
import { nodeBackend } from './node-backend.ts';

export const defaultBackend: CryptoBackend = assertPresent(nodeBackend);

function assertPresent(backend: CryptoBackend | undefined): CryptoBackend {
  if (backend !== undefined) return backend;
  throw fail('KEY_NO_CRYPTO', 'node:crypto: absent, expected it under the condition "node"');
}
