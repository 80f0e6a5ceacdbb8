import type { ClientLimits } from '@cargo-tuf/client';
import type { Environment, Progress, ProxyOption, RejectedFile } from '@cargo-tuf/http-transport';
import type { TrustAnchor } from './anchors.ts';
import type { FloorFile } from './floor-file.ts';
import type { Home } from './home.ts';
import type { RegistryId } from './registry-id.ts';
import type { RegistrySnapshot } from './registry-snapshot.ts';
import { openTufRegistry } from './tuf-registry.ts';
import type { VerifiedClone } from './verified-clone.ts';

/** How others are reached. */
export interface NetworkOptions {
  /** "environment" (the default) takes HTTPS_PROXY, HTTP_PROXY and NO_PROXY; false asks no proxy. */
  readonly proxy?: ProxyOption;
  /** Where those variables are read; the process's own unless given. */
  readonly environment?: Environment;
  /** Certificates of authorities that are trusted instead of the built-in ones, as PEM. */
  readonly ca?: string;
  /** The absolute path of the file that has them, which git reads. */
  readonly caFile?: string;
  readonly onProgress?: (progress: Progress) => void;
  /** Told of a file that a mirror served and that did not verify; the next mirror is asked then. */
  readonly onReject?: (rejected: RejectedFile) => void;
}

export interface RegistryOptions extends NetworkOptions {
  readonly anchor: TrustAnchor;
  readonly home: Home;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Lowest acceptable versions from outside, by repository id. */
  readonly floors?: FloorFile;
  readonly limits?: Partial<ClientLimits>;
}

/** A crate registry that is trusted by an anchor. */
export interface Registry {
  readonly id: RegistryId;
  readonly anchor: TrustAnchor;
  /** What a floor file calls it, 64 hex digits: the repository id, where its root states one. */
  readonly repository: string;
  /** Brings the trusted state up to date and pins it: RFC 3724's `sync`. */
  sync(): Promise<RegistrySnapshot>;
  /** What was verified before, without a network. Expiry is not checked; `snapshot.index.expires` tells the age. */
  openOffline(): Promise<RegistrySnapshot>;
  /** Of a signed git index: writes or updates a bare repository that holds what was verified last, and nothing else. */
  clone?(folder: string): Promise<VerifiedClone>;
  /** Removes what can be fetched again; trusted state and version floors stay. */
  clearCache(): Promise<void>;
  /** Ends open connections, and resolves when everything that is to be kept is. */
  close(): Promise<void>;
}

/** Opens a registry: its trusted state below `home.crates`, its mirrors as the anchor names them. Makes no request yet. */
export async function openRegistry(options: RegistryOptions): Promise<Registry> {
  if (options.anchor.kind === 'tuf') return openTufRegistry(options);
  // OpenPGP, git objects and commits take a while to load; few registries need them.
  const { openGitRegistry } = await import('./git-registry.ts');
  return openGitRegistry(options);
}
