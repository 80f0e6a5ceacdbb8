// What a partial mirror has: crates, and of each the versions that are wanted.

import { type LockedPackage, parseRegistryId, readLockfile, type RegistryId } from '@cargo-tuf/cargo-tuf-lib';
import { type IndexVersion, parseCrateName, parseVersion } from '@cargo-tuf/crate-index';
import { fail } from '../errors.ts';
import { readExistingFile } from '../local-file.ts';

export interface SelectionOptions {
  /** Paths of Cargo.lock files. */
  readonly lockfile: readonly string[];
  /** NAME or NAME@VERSION. */
  readonly crate: readonly string[];
  /** Files with one of these a line; `#` begins a remark. */
  readonly list: readonly string[];
  /** The registry, as lockfiles name it; absent: whatever registry a lockfile names. */
  readonly registry?: string;
}

/** By lower-case name. */
export type Selection = ReadonlyMap<string, (version: IndexVersion) => boolean>;

/** Undefined where nothing is named: everything is wanted. */
export async function readSelection(options: SelectionOptions): Promise<Selection | undefined> {
  const { lockfile, crate, list, registry } = options;
  if (lockfile.length + crate.length + list.length === 0) return undefined;
  const wanted = new Map<string, ((version: IndexVersion) => boolean)[]>();
  const want = (name: string, wants: (version: IndexVersion) => boolean): void => {
    const lower = parseCrateName(name).toLowerCase();
    wanted.set(lower, [...(wanted.get(lower) ?? []), wants]);
  };
  const wantText = (text: string): void => {
    const [name = '', version, ...rest] = text.split('@');
    if (rest.length > 0) throw fail('ADMIN_USAGE', `crate: "${text}", expected NAME or NAME@VERSION`);
    const exact = version === undefined ? undefined : parseVersion(version);
    want(name, ({ vers }) => exact === undefined || vers === exact);
  };
  const id = registry === undefined ? undefined : parseRegistryId(registry);
  for (const path of lockfile) {
    for (const locked of await readLocked(path, id))
      want(locked.name, ({ vers, cksum }) => vers === locked.version && cksum === (locked.checksum ?? cksum));
  }
  for (const text of crate) wantText(text);
  for (const path of list) {
    const text = new TextDecoder().decode(readExistingFile(path, 16 * 1024 * 1024));
    for (const line of text.split('\n')) {
      const item = line.replace(/#.*/, '').trim();
      if (item !== '') wantText(item);
    }
  }
  return new Map([...wanted].map(([name, wants]) => [name, version => wants.some(each => each(version))]));
}

async function readLocked(path: string, registry: RegistryId | undefined): Promise<readonly LockedPackage[]> {
  const packages = await readLockfile(path);
  if (packages === undefined) throw fail('ADMIN_FILE', `${path}: no file`, { details: { path } });
  return packages.filter(({ source }) => {
    if (source === undefined || !/^(registry|sparse)\+/.test(source)) return false;
    return registry === undefined || parseRegistryId(source) === registry;
  });
}

/** Spellings that cargo asks for when it does not find a name: `-` and `_` in each other's place. */
const SPELLINGS = 1024;

/** A name and its other spellings, whose absence a mirror must be able to prove. */
export function spellingsOf(name: string): readonly string[] {
  let spellings = [''];
  for (const character of name) {
    const both = (character === '-' || character === '_') && spellings.length < SPELLINGS;
    const next = both ? ['-', '_'] : [character];
    spellings = spellings.flatMap(start => next.map(each => start + each));
  }
  return spellings;
}
