import { type ClientLimits, openClient, type Source } from '@cargo-tuf/client';
import { openFolderStore } from '@cargo-tuf/folder-store';
import {
  type Environment,
  type HttpSource,
  openFolderSource,
  openHttpSource,
  type Progress,
  type ProxyOption,
} from '@cargo-tuf/http-transport';
import { fileURLToPath } from 'node:url';
import { clientRules, trustAnchorRoot } from './anchor-rules.ts';
import { isFolderMirror, type TrustAnchor } from './anchors.ts';
import type { FloorFile } from './floor-file.ts';
import type { Home } from './home.ts';
import { type RegistryId, registrySlug } from './registry-id.ts';
import { RegistrySnapshot } from './registry-snapshot.ts';

export interface RegistryOptions {
  readonly anchor: TrustAnchor;
  readonly home: Home;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Lowest acceptable versions from outside, by repository id. */
  readonly floors?: FloorFile;
  readonly limits?: Partial<ClientLimits>;
  /** "environment" (the default) takes HTTPS_PROXY, HTTP_PROXY and NO_PROXY; false asks no proxy. */
  readonly proxy?: ProxyOption;
  /** Where those variables are read; the process's own unless given. */
  readonly environment?: Environment;
  /** Certificates of authorities that are trusted beside the built-in ones, as PEM. */
  readonly ca?: string;
  readonly onProgress?: (progress: Progress) => void;
}

/** A crate registry that is trusted by an anchor. */
export interface Registry {
  readonly id: RegistryId;
  readonly anchor: TrustAnchor;
  /** The repository id that the anchor states, 64 hex digits. */
  readonly repository: string;
  /** Brings the trusted state up to date and pins it: RFC 3724's `sync`. */
  sync(): Promise<RegistrySnapshot>;
  /** What was verified before, without a network. Expiry is not checked; `snapshot.expires` tells the age. */
  openOffline(): Promise<RegistrySnapshot>;
  /** Removes what can be fetched again; trusted state and version floors stay. */
  clearCache(): Promise<void>;
  /** Ends open connections, and resolves when everything that is to be kept is. */
  close(): Promise<void>;
}

/** Opens a registry: its trusted state below `home.crates`, its mirrors as the anchor names them. Makes no request yet. */
export async function openRegistry(options: RegistryOptions): Promise<Registry> {
  const { anchor, home, clock, limits } = options;
  const repository = trustAnchorRoot(anchor.root, anchor).root.value.repository ?? anchor.fingerprint;
  const store = await openFolderStore(`${home.crates}/${registrySlug(anchor.registry)}/${repository}`);
  const required = options.floors?.get(repository);
  const { source, http } = openSources(options);
  const rules = clientRules(anchor);
  const client = openClient({
    root: anchor.root,
    source,
    store,
    clock,
    eager: true,
    ...rules,
    limits: { ...rules.limits, ...limits },
    ...(required && { required }),
  });
  const context = { registry: anchor.registry, store, source, http };
  return {
    id: anchor.registry,
    anchor,
    repository,
    sync: async () => new RegistrySnapshot(await client.sync(), context),
    openOffline: async () =>
      new RegistrySnapshot(await client.openOffline(), { ...context, source: undefined }),
    clearCache: async () => {
      await store.prune({ maxBytes: 0 });
    },
    close: async () => {
      await Promise.all([http?.close(), store.settled()]);
    },
  };
}

function openSources(options: RegistryOptions): { source: Source; http: HttpSource | undefined } {
  const [first, ...rest] = options.anchor.mirrors;
  if (first !== undefined && isFolderMirror(first)) {
    return { source: openFolderSource(fileURLToPath(first)), http: undefined };
  }
  const { proxy, environment, ca, onProgress } = options;
  const http = openHttpSource({
    mirrors: first === undefined ? [] : [first, ...rest],
    proxy: proxy ?? 'environment',
    allowHttp2: true,
    ...(environment && { environment }),
    ...(ca !== undefined && { ca }),
    ...(onProgress && { onProgress }),
  });
  return { source: http, http };
}
