import { defineErrors, type ErrorOptions, type TufError } from '@cargo-tuf/errors';

const TABLE = {
  REGISTRY_UNSIGNED: {
    kind: 'security',
    hint: 'fetch the index again; if it is refused again, tell the operator of the registry',
  },
  REGISTRY_ROOT_WITHOUT_SIGNATURE: {
    kind: 'security',
    hint: 'tell the operator of the registry; the index must not be used until it is put right',
  },
  REGISTRY_SIGNATURE_WITHOUT_ROOT: {
    kind: 'security',
    hint: 'tell the operator of the registry; the index must not be used until it is put right',
  },
  REGISTRY_FILE_MISSING: {
    kind: 'security',
    hint: 'tell the operator of the registry; the index must not be used until it is put right',
  },
  REGISTRY_FILE_KIND: {
    kind: 'security',
    hint: 'tell the operator of the registry; the index must not be used until it is put right',
  },
  REGISTRY_OBJECT_TYPE: {
    kind: 'malformed',
    hint: 'tell the operator of the registry; the index must not be used until it is put right',
  },
  REGISTRY_ROLE: {
    kind: 'security',
    hint: 'do not use this index; a key signed what it has no authority for',
  },
  REGISTRY_THRESHOLD: {
    kind: 'security',
    hint: 'do not use this index; ask the operator for one that enough keys signed',
  },
  REGISTRY_ROTATION_MISSING: {
    kind: 'security',
    hint: 'fetch the tags root-rotation-v*; if they are there, tell the operator of the registry',
  },
  REGISTRY_ROTATION_SKIPPED: {
    kind: 'security',
    hint: 'fetch the tags root-rotation-v*; each version of root.toml needs its own',
  },
  REGISTRY_ROTATION_TAG: { kind: 'security', hint: 'tag a rotation with `git tag -s`, at the commit itself' },
  REGISTRY_ROTATION_NAME: { kind: 'security', hint: 'do not use this mirror; it shows one tag as another' },
  REGISTRY_ROTATION_VERSION: {
    kind: 'security',
    hint: 'raise the version of root.toml by one, and tag that',
  },
  REGISTRY_ROTATION_SIGNERS: {
    kind: 'security',
    hint: 'have the tag signed by enough keys of the old root and enough of the new one',
  },
  REGISTRY_ROTATION_COMMIT: {
    kind: 'security',
    hint: 'have the commit signed by enough keys of the old root and of the new one, one of them in both',
  },
  REGISTRY_ROTATION_PARENT: {
    kind: 'security',
    hint: 'commit the change of root.toml on top of a commit that has the version before',
  },
  REGISTRY_ROTATION_TIMESTAMP: {
    kind: 'security',
    hint: 'raise the version of timestamp.toml in the commit that changes root.toml',
  },
  REGISTRY_ROTATIONS: {
    kind: 'security',
    hint: 'trust a recent root.toml; if there is none, the root keys may be stolen',
  },
  REGISTRY_ROOT_ROLLBACK: {
    kind: 'security',
    hint: 'fetch the index again; if it is refused again, tell the operator of the registry',
  },
  REGISTRY_ROLLBACK: {
    kind: 'security',
    hint: 'the index is older than what this machine has seen; fetch it again from another place',
  },
  REGISTRY_EQUIVOCATION: {
    kind: 'security',
    hint: 'two contents were signed under one version; keep both and tell the operator of the registry',
  },
  REGISTRY_EXPIRED: {
    kind: 'security',
    hint: 'the index may be frozen; check your clock, then tell the operator of the registry',
  },
  REGISTRY_REPOSITORY: { kind: 'security', hint: 'this is the index of another registry; check its address' },
  REGISTRY_CHECKSUM: {
    kind: 'security',
    hint: 'a published version has become other bytes; keep the evidence and tell the operator of the registry',
  },
  REGISTRY_TARGETS_UNTRUSTED: {
    kind: 'security',
    hint: 'name a role "targets" in root.toml, or take targets.toml away',
  },
  REGISTRY_TARGETS_PATH: { kind: 'malformed', hint: 'delegate index paths, such as /se/rd/serde' },
  REGISTRY_OWNER_SIGNATURE_MISSING: {
    kind: 'security',
    hint: 'have the owners of the crate sign its index entry, and put the signature beside it',
  },
  REGISTRY_OWNER: {
    kind: 'security',
    hint: 'do not use this index; an entry is not as the owners of the crate signed it',
  },
  REGISTRY_ANCHOR: {
    kind: 'security',
    hint: 'compare the fingerprint of root.toml with one that you got another way',
  },
  REGISTRY_NO_STATE: { kind: 'unavailable', hint: 'update the registry once with a network' },
  REGISTRY_STATE: { kind: 'malformed', hint: 'the kept state is damaged; trust the registry again' },
  REGISTRY_FORMAT: {
    kind: 'security',
    hint: 'the repository changed its object format; trust the registry again if its operator says so',
  },
  REGISTRY_LIMIT: {
    kind: 'security',
    hint: 'tell the operator of the registry; the index must not be used until it is put right',
  },
  // Of an operator's own work.
  REGISTRY_UNTRUSTED: {
    kind: 'misuse',
    hint: 'begin with `tuf-admin git init`, or trust an index that others made with `tuf-admin git trust`',
  },
  REGISTRY_EXISTS: { kind: 'misuse', hint: 'this index is signed already; trust it, then change it' },
  REGISTRY_BRANCH: { kind: 'misuse', hint: 'name the branch of the index, or make its first commit' },
  REGISTRY_PATH: { kind: 'misuse', hint: 'give paths of names between slashes, such as se/rd/serde' },
  REGISTRY_RESERVED: {
    kind: 'misuse',
    hint: 'root.toml changes by a rotation; timestamp.toml changes with every commit',
  },
  REGISTRY_NO_KEY: { kind: 'misuse', hint: 'give a key of the role that has not signed yet' },
  REGISTRY_RESULT: {
    kind: 'misuse',
    hint: 'nothing was changed; read what a client would say, and correct that',
  },
  REGISTRY_ROLE_KEY: { kind: 'misuse', hint: 'compare the fingerprint with those that the status shows' },
  REGISTRY_TARGETS_ROLE: {
    kind: 'misuse',
    hint: 'rotate root.toml to have keys of a role "targets" first',
  },
  REGISTRY_ROTATION_LINK: {
    kind: 'misuse',
    hint: 'add the new root key in one rotation, and take the old one away in the next',
  },
  REGISTRY_ROTATION_CONTENT: {
    kind: 'security',
    hint: 'do not sign it; a rotation changes keys alone, and this one brings other changes along',
  },
  REGISTRY_LEAP: {
    kind: 'security',
    hint: 'do not sign it; versions that leap ahead leave none for those who come after',
  },
  REGISTRY_PROPOSAL: {
    kind: 'conflict',
    hint: 'have it countersigned, or discard it, before another one is made',
  },
  REGISTRY_PROPOSAL_STALE: { kind: 'conflict', hint: 'discard the proposal, and make the change again' },
  REGISTRY_MOVED: { kind: 'conflict', hint: 'somebody else changed the index; make the change again' },
  REGISTRY_NO_PROPOSAL: { kind: 'misuse', hint: 'look at what waits, with its id, in the status' },
} as const;

export type RegistryErrorCode = keyof typeof TABLE;

export const fail: (
  code: RegistryErrorCode,
  message: string,
  options?: ErrorOptions,
) => TufError<RegistryErrorCode> = defineErrors(TABLE);
