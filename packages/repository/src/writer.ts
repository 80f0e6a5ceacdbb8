// Writes the files of a commit: what is named by its content or version, put-if-absent. An answer that was lost is looked up.

import type { JsonObject } from '@cargo-tuf/canonical-json';
import { encodeHex, sha256, type Signer } from '@cargo-tuf/keys';
import { type MetaFile, packBundle, roleUrlPath, signEnvelope, type TopLevelRole } from '@cargo-tuf/metadata';
import { fail } from './errors.ts';
import { eachInParallel } from './parallel.ts';
import type { CrateDelegate, Policy } from './policy.ts';
import type { PublishedBytes } from './published-bytes.ts';
import type { ContentFile } from './tile-files.ts';

const SKIPPED_VERSIONS = 1000;
/** Requests under way at once for files that are named by their content. */
const PARALLEL = 16;
/** Files of one batch: their bytes are in memory together. */
const BATCH = 4096;

export interface WriterContext<Delegate extends string = CrateDelegate> {
  readonly bytes: PublishedBytes;
  readonly policy: Policy<Delegate>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Roles that are signed elsewhere, as they were drafted (draft.ts). */
  readonly fixed?: ReadonlyMap<TopLevelRole | Delegate, FixedVersion>;
}

export interface FixedVersion {
  readonly version: number;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

export interface WrittenRole<Fields> {
  readonly fields: Fields;
  readonly file: MetaFile;
  readonly bytes: Uint8Array;
}

export class Writer<Delegate extends string = CrateDelegate> {
  readonly #context: WriterContext<Delegate>;
  written = 0;

  constructor(context: WriterContext<Delegate>) {
    this.#context = context;
  }

  expiry(role: TopLevelRole | Delegate): number {
    const { clock, fixed } = this.#context;
    const drafted = fixed?.get(role)?.expires;
    if (drafted !== undefined) return drafted;
    const now = clock();
    return now - (now % 1000) + this.#context.policy[role].period;
  }

  /** Writes a file that is named by its content; the same bytes, or what `isAsGood`, may stand there already. */
  async put(
    path: string,
    bytes: Uint8Array,
    isAsGood: (standing: Uint8Array) => boolean = () => false,
  ): Promise<void> {
    if (await this.#tryPut(path, bytes)) return;
    const standing = await this.#context.bytes.get(path);
    if (standing !== null && isAsGood(standing.bytes)) return;
    throw fail('REPOSITORY_DAMAGED', `${path}: other bytes stand there, expected none or the same`);
  }

  /** The same for many files, to which nobody refers yet. */
  async putContent(files: Iterable<ContentFile>): Promise<void> {
    const { bytes: store } = this.#context;
    if (store.putManyIfAbsent === undefined)
      return eachInParallel(files, PARALLEL, each => this.put(each.path, each.bytes, each.isAsGood));
    const source = files[Symbol.iterator]();
    let batch: ContentFile[];
    do {
      batch = [];
      const results = await store.putManyIfAbsent(taking(source, batch));
      for (const [index, { path, bytes, isAsGood }] of batch.entries()) {
        const result = results[index];
        if (result === 'done') this.written += 1;
        else if (result !== 'same') await this.put(path, bytes, isAsGood);
      }
    } while (batch.length === BATCH);
  }

  /** A root of another publisher is no damage: he was faster. */
  async putRoot(version: number, bytes: Uint8Array): Promise<void> {
    const path = `metadata/${version}.root.json`;
    if (!(await this.#tryPut(path, bytes)))
      throw fail('REPOSITORY_CONFLICT', `${path}: was written by another publisher`);
  }

  /** Signs a role under the first version after `last` whose file is free, or under the one that was drafted. */
  async putRole<Fields extends { readonly version: number; readonly expires: number }>(
    role: TopLevelRole | Delegate,
    fields: Fields,
    format: (fields: Fields) => JsonObject,
    signers: readonly Signer[],
    last: number,
  ): Promise<WrittenRole<Fields>> {
    const drafted = this.#context.fixed?.get(role)?.version;
    if (drafted !== undefined && drafted <= last)
      throw staleDraft(role, `version ${drafted}, but ${last} is published`);
    const end = drafted ?? last + SKIPPED_VERSIONS;
    for (let version = drafted ?? last + 1; version <= end; version++) {
      const signed = { ...fields, version, expires: this.expiry(role) };
      const bytes = await signEnvelope(format(signed), signers);
      if (await this.#tryPut(`metadata/${roleUrlPath(role, version)}`, bytes)) {
        return { fields: signed, file: metaFile(version, bytes), bytes };
      }
    }
    if (drafted !== undefined) throw staleDraft(role, `version ${drafted}, whose file has other bytes`);
    throw fail('REPOSITORY_DAMAGED', `${role}: ${SKIPPED_VERSIONS} versions after ${last} are taken`);
  }

  /** All roles of a snapshot in one file (docs/pouf.md, section 2.3). `roles`: targets, claims, crates. */
  async putBundle(
    snapshot: Omit<WrittenRole<unknown>, 'fields'>,
    roles: readonly Uint8Array[],
  ): Promise<void> {
    const bundle = packBundle([snapshot.bytes, ...roles]);
    if (bundle !== undefined) await this.put(`metadata/${snapshot.file.version}.bundle`, bundle);
  }

  async #tryPut(path: string, bytes: Uint8Array): Promise<boolean> {
    const { bytes: store } = this.#context;
    const result = await store.putIfAbsent(path, bytes);
    if (result === 'done') this.written += 1;
    if (result !== 'unknown') return result !== 'conflict';
    const found = await store.get(path);
    if (found === null) throw fail('REPOSITORY_UNKNOWN', `${path}: no answer whether it was written`);
    return sameBytes(found, bytes);
  }
}

export function staleDraft(role: string, what: string): Error {
  return fail('REPOSITORY_DRAFT', `draft of ${role}: ${what}`, { details: { role } });
}

/** The next files of a batch, each noted as it is taken. */
function* taking(source: Iterator<ContentFile>, batch: ContentFile[]): Generator<ContentFile> {
  while (batch.length < BATCH) {
    const next = source.next();
    if (next.done === true) return;
    batch.push(next.value);
    yield next.value;
  }
}

export function metaFile(version: number, bytes: Uint8Array): MetaFile {
  return { version, length: bytes.length, hashes: new Map([['sha256', encodeHex(sha256(bytes))]]) };
}

export function sameBytes(found: { readonly bytes: Uint8Array } | null, bytes: Uint8Array): boolean {
  return found !== null && encodeHex(sha256(found.bytes)) === encodeHex(sha256(bytes));
}
