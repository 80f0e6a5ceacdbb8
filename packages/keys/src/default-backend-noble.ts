// What `#default-backend` of package.json means elsewhere than under Node.

import type { CryptoBackend } from './backend.ts';
import { nobleBackend } from './noble-backend.ts';

export const defaultBackend: CryptoBackend = nobleBackend;
