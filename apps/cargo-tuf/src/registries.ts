import {
  type FloorFile,
  listAnchors,
  openRegistry,
  type Registry,
  type RegistryId,
  readLocalFile,
  type TrustAnchor,
} from '@cargo-tuf/cargo-tuf-lib';
import type { Context } from './context.ts';
import { fail } from './errors.ts';

/** The registries that this user trusts, opened. */
export interface OpenRegistries {
  readonly anchors: readonly TrustAnchor[];
  registry(id: RegistryId): Registry;
  close(): Promise<void>;
}

const CA_BYTES = 4 * 1024 * 1024;

/** Opens every trusted registry. Makes no request. Throws `APP_NO_ANCHOR` where there is none. */
export async function openRegistries(
  context: Context,
  floors: FloorFile = new Map(),
): Promise<OpenRegistries> {
  const anchors = await listAnchors(context.home);
  if (anchors.length === 0) throw fail('APP_NO_ANCHOR', 'anchors: no registry is trusted yet');
  const ca = await readCertificates(context);
  const proxy = context.environment['CARGO_HTTP_PROXY'];
  const registries = new Map<RegistryId, Registry>();
  for (const anchor of anchors) {
    registries.set(
      anchor.registry,
      await openRegistry({
        anchor,
        home: context.home,
        clock: context.clock,
        floors,
        environment: context.environment,
        ...(proxy && { proxy }),
        ...(ca !== undefined && { ca }),
      }),
    );
  }
  return {
    anchors,
    registry: id => {
      const registry = registries.get(id);
      if (registry === undefined) throw fail('APP_NO_ANCHOR', `${id}: is not trusted`);
      return registry;
    },
    close: async () => {
      await Promise.all([...registries.values()].map(registry => registry.close()));
    },
  };
}

/** Cargo's own variable, then OpenSSL's. */
async function readCertificates(context: Context): Promise<string | undefined> {
  const path = context.environment['CARGO_HTTP_CAINFO'] || context.environment['SSL_CERT_FILE'];
  if (!path) return undefined;
  const bytes = await readLocalFile(path, CA_BYTES);
  if (bytes === undefined)
    throw fail('APP_CONFIG', `${path}: no such file, but CARGO_HTTP_CAINFO or SSL_CERT_FILE names it`);
  return new TextDecoder().decode(bytes);
}
