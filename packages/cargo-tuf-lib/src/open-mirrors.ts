import type { Source } from '@cargo-tuf/client';
import { type HttpSource, openFolderSource } from '@cargo-tuf/http-transport';
import { fileURLToPath } from 'node:url';
import { openArchiveSource } from './http.ts';
import { isFolderMirror } from './mirrors.ts';
import type { NetworkOptions } from './registry.ts';

export interface OpenMirrors {
  readonly source: Source;
  /** For files by their address; undefined where the mirror is a folder. */
  readonly http: HttpSource | undefined;
}

/** The files of a repository from its mirrors, which `parseMirror` accepted: asked in their order. Makes no request yet. */
export function openMirrors(mirrors: readonly string[], network: NetworkOptions = {}): OpenMirrors {
  const [first] = mirrors;
  if (first !== undefined && isFolderMirror(first)) {
    return { source: openFolderSource(fileURLToPath(first)), http: undefined };
  }
  const http = openArchiveSource(network, mirrors);
  return { source: http, http };
}
