// What rustup-tuf installed: from which signed manifest, and which archive each component came from.
//
//   {"components":[{"archive":"<sha256>","name":"rustc-x86_64-…","stamp":"1795000000000-1632"}],
//    "date":"2026-11-20","format":1,"manifest":"<sha256>","path":"dist/channel-rust-stable.toml"}
//
// A component counts as verified as long as its stamp is what it was: rustup, which asks a server without signatures, makes
// another one when it installs the component again.

import { encodeCanonical, isJsonObject, type JsonValue, parseJson } from '@cargo-tuf/canonical-json';

export interface ToolchainRecord {
  /** "dist/channel-rust-stable.toml" */
  readonly path: string;
  /** SHA-256 of the manifest's bytes. */
  readonly manifest: string;
  /** Of the manifest: "2026-11-20". */
  readonly date: string;
  /** By name of the component. */
  readonly components: ReadonlyMap<string, RecordedComponent>;
}

export interface RecordedComponent {
  /** SHA-256 of the archive that it came from. */
  readonly archive: string;
  readonly stamp: string;
}

export function encodeRecord({ path, manifest, date, components }: ToolchainRecord): Uint8Array {
  return encodeCanonical(
    new Map<string, JsonValue>([
      ['format', 1],
      ['path', path],
      ['manifest', manifest],
      ['date', date],
      [
        'components',
        Array.from(
          components,
          ([name, { archive, stamp }]) =>
            new Map([['name', name] as const, ['archive', archive], ['stamp', stamp]]),
        ),
      ],
    ]),
  );
}

/** Undefined for what another version wrote: the toolchain counts as not verified then. */
export function decodeRecord(bytes: Uint8Array): ToolchainRecord | undefined {
  const tree = parseJson(bytes);
  if (!isJsonObject(tree) || tree.get('format') !== 1) return undefined;
  const [path, manifest, date, list] = ['path', 'manifest', 'date', 'components'].map(key => tree.get(key));
  const isRecord = [path, manifest, date].every(each => typeof each === 'string') && Array.isArray(list);
  if (!isRecord) return undefined;
  const components = new Map<string, RecordedComponent>();
  for (const each of list as readonly JsonValue[]) {
    if (!isJsonObject(each)) return undefined;
    const [name, archive, stamp] = [each.get('name'), each.get('archive'), each.get('stamp')];
    if (typeof name !== 'string' || typeof archive !== 'string' || typeof stamp !== 'string')
      return undefined;
    components.set(name, { archive, stamp });
  }
  return { path: path as string, manifest: manifest as string, date: date as string, components };
}
