import {
  type FloorFile,
  listAnchors,
  type NetworkOptions,
  openRegistry,
  type Registry,
  type RegistryId,
  readLocalFile,
  type TrustAnchor,
} from '@cargo-tuf/cargo-tuf-lib';
import type { Context } from './context.ts';
import { fail } from './errors.ts';
import { openRefusedFiles, type RefusedFiles } from './refused-files.ts';

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
  refused: RefusedFiles = openRefusedFiles(context),
): Promise<OpenRegistries> {
  const anchors = await listAnchors(context.home);
  if (anchors.length === 0) throw fail('APP_NO_ANCHOR', 'anchors: no registry is trusted yet');
  const network = await networkOptions(context);
  const registries = new Map<RegistryId, Registry>();
  for (const anchor of anchors) {
    registries.set(
      anchor.registry,
      await openRegistry({
        anchor,
        home: context.home,
        clock: context.clock,
        floors,
        ...network,
        onReject: file => refused.add(file),
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
      await refused.written();
    },
  };
}

/** How mirrors are reached: as cargo is told to reach its registries. */
export async function networkOptions(context: Context): Promise<NetworkOptions> {
  const { environment } = context;
  const proxy = environment['CARGO_HTTP_PROXY'];
  // Cargo's own variable, then OpenSSL's.
  const caFile = environment['CARGO_HTTP_CAINFO'] || environment['SSL_CERT_FILE'];
  const certificates = caFile ? { caFile, ca: await readCertificates(caFile) } : {};
  return { environment, ...(proxy && { proxy }), ...certificates };
}

async function readCertificates(path: string): Promise<string> {
  const bytes = await readLocalFile(path, CA_BYTES);
  if (bytes === undefined)
    throw fail('APP_CONFIG', `${path}: no such file, but CARGO_HTTP_CAINFO or SSL_CERT_FILE names it`);
  return new TextDecoder().decode(bytes);
}
