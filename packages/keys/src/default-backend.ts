import type { CryptoBackend } from './backend.ts';
import { nobleBackend } from './noble-backend.ts';
import { nodeBackend } from './node-backend.ts';

export const defaultBackend: CryptoBackend = nodeBackend ?? nobleBackend;
