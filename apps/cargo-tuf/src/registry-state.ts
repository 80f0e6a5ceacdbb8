import type { RegistrySnapshot } from '@cargo-tuf/cargo-tuf-lib';

type Index = RegistrySnapshot['index'];

/** What names a state for a program: the versions of TUF metadata, or versions and the commit of a signed git index. */
export function stateOf(index: Index): Readonly<Record<string, number | string | undefined>> {
  if (index.kind === 'tuf') return { kind: index.kind, ...index.snapshot.versions };
  const { root, timestamp, targets, commit } = index.commits;
  return {
    kind: index.kind,
    root: root.version,
    timestamp: timestamp.version,
    targets: targets?.version,
    commit,
  };
}

/** The same for people. */
export function describeState(index: Index): string {
  if (index.kind === 'tuf') {
    const { timestamp, tree } = index.snapshot.versions;
    return `timestamp ${timestamp}, tree ${tree}`;
  }
  return `timestamp ${index.timestamp.version}, commit ${index.commits.commit}`;
}
