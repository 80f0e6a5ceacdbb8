export { auditPath, verifyAudit } from './audits.ts';
export { changedSince } from './changed-names.ts';
export { openClient } from './client.ts';
export { copyTiles } from './copy-tiles.ts';
export { fetchAccepted } from './fetch.ts';
export { formatFloors, NO_FLOORS, parseFloors, raiseFloors } from './floors.ts';
export { CLIENT_LIMITS } from './limits.ts';
export { mapChanges, tileOpener } from './map-changes.ts';
export { shapeOf } from './map-shape.ts';
export { lookUpLeaves } from './map-walk.ts';
export { openMemoryStore } from './memory-store.ts';
export { Snapshot } from './snapshot.ts';
export { auditSuccession, breachOfLeaf, breachOfMaps, isSameLeaf } from './succession.ts';
export {
  acceptDelegated,
  acceptRoot,
  acceptSnapshot,
  acceptTargets,
  acceptTimestamp,
  trustRoot,
} from './trusted.ts';
export type { Client, ClientOptions } from './client.ts';
export type { TileCopy } from './copy-tiles.ts';
export type { NamedFile } from './content.ts';
export type { Destination } from './destination.ts';
export type { DownloadProgress, DownloadSettings, StreamSettings } from './download.ts';
export type { Floors, RequiredVersions } from './floors.ts';
export type { ClientLimits } from './limits.ts';
export type { TilePorts } from './map-tiles.ts';
export type { MapContext } from './map-walk.ts';
export type { Reading } from './reading.ts';
export type { ProvedEntry, SnapshotContext, SnapshotVersions } from './snapshot.ts';
export type { AbortSignal, DownloadOptions, FetchOptions, Source } from './source.ts';
export type { Store, TrustedDocuments } from './store.ts';
export type { Breach, BreachRule, SuccessionReport } from './succession.ts';
export type { FoundTarget } from './target-search.ts';
export type { TrustedMetadata } from './trusted.ts';
export type { MapBuilder, ProvedMap } from './whole-map.ts';
