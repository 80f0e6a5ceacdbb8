export { formatChecksum, parseChecksum } from './checksum.ts';
export { CHANNEL_LIMITS } from './limits.ts';
export { DIST_SERVER, formatManifest, parseManifest } from './manifest.ts';
export { formatRustupRelease, parseRustupRelease, RUSTUP_RELEASE, rustupInitPath } from './rustup-release.ts';
export {
  componentName,
  findComponent,
  listComponents,
  resolveComponent,
  selectComponents,
} from './selection.ts';
export {
  formatToolchain,
  isDate,
  isTriple,
  manifestPath,
  parseManifestPath,
  parseToolchain,
} from './toolchain.ts';
export type { ChannelErrorCode } from './errors.ts';
export type {
  Archive,
  ArchiveFormat,
  ChannelManifest,
  Component,
  Package,
  PackageTarget,
} from './manifest.ts';
export type { SelectedComponent, Selection } from './selection.ts';
export type { Toolchain } from './toolchain.ts';
