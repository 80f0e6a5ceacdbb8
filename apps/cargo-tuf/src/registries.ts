import {
  type FloorFile,
  listAnchors,
  type NetworkOptions,
  openRegistry,
  type Registry,
  type RegistryId,
  readNetworkOptions,
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
export function networkOptions({ environment }: Context): Promise<NetworkOptions> {
  return readNetworkOptions(environment);
}
