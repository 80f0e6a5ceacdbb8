// What rustup-tuf knows of the toolchains that it installed, and the lock that a change is made under. Documents of a folder store,
// `$RUSTUP_HOME/tuf`:
//
//   toolchain/<name>   what was installed (record.ts)
//   manifest/<name>    the signed manifest's bytes: rustup writes its own copy anew when it adds a component
//   swap/<name>        a finished toolchain that is about to take its place (swap.ts)

import { type FolderStore, openFolderStore } from '@cargo-tuf/folder-store';
import { mkdir, stat } from 'node:fs/promises';
import { type ChannelManifest, parseManifest } from '@cargo-tuf/release-channel';
import type { VerifiedManifest } from '@cargo-tuf/cargo-tuf-lib';
import { fileError } from '../errors.ts';
import type { RustupHome } from '../home/rustup-home.ts';
import { decodeRecord, encodeRecord, type ToolchainRecord } from './record.ts';
import { decodeSwap, encodeSwap, type Swap } from './swap-record.ts';

export class ToolchainState {
  readonly #store: FolderStore;

  private constructor(store: FolderStore) {
    this.#store = store;
  }

  static async open(home: RustupHome): Promise<ToolchainState> {
    try {
      await mkdir(home.root, { recursive: true });
    } catch (error) {
      throw fileError(home.root, error);
    }
    return new ToolchainState(await openFolderStore(home.tuf));
  }

  /** For who only reads: undefined where rustup-tuf never changed anything. */
  static async openExisting(home: RustupHome): Promise<ToolchainState | undefined> {
    const status = await stat(home.tuf).catch(() => undefined);
    return status === undefined ? undefined : ToolchainState.open(home);
  }

  /**
   * Runs `work`, which gets the state to change, while no other process of ours changes a toolchain. Throws `STORE_LOCKED` after five
   * minutes.
   */
  exclusive<T>(work: (held: ToolchainState) => Promise<T>): Promise<T> {
    return this.#store.exclusive(held => work(new ToolchainState(held)));
  }

  async record(name: string): Promise<ToolchainRecord | undefined> {
    const bytes = (await this.#store.read()).documents.get(`toolchain/${name}`);
    return bytes && decodeRecord(bytes);
  }

  /** The signed manifest that an installed toolchain comes from. */
  async manifest(name: string): Promise<Omit<VerifiedManifest, 'sha256'> | undefined> {
    const { documents } = await this.#store.read();
    const bytes = documents.get(`manifest/${name}`);
    const record = documents.get(`toolchain/${name}`);
    const path = record && decodeRecord(record)?.path;
    if (bytes === undefined || path === undefined) return undefined;
    const manifest: ChannelManifest = parseManifest(bytes);
    return { path, bytes, manifest };
  }

  /** Swaps that are under way, or that a crash has left. */
  async swaps(): Promise<ReadonlyMap<string, Swap>> {
    const swaps = new Map<string, Swap>();
    for (const [document, bytes] of (await this.#store.read()).documents) {
      const swap = document.startsWith('swap/') ? decodeSwap(bytes) : undefined;
      if (swap !== undefined) swaps.set(document.slice('swap/'.length), swap);
    }
    return swaps;
  }

  /** All three stand before the swap begins, so that a crash within it loses none. */
  async beginSwap(name: string, swap: Swap, record: ToolchainRecord, manifest: Uint8Array): Promise<void> {
    await this.#replace([
      [`swap/${name}`, encodeSwap(swap)],
      [`toolchain/${name}`, encodeRecord(record)],
      [`manifest/${name}`, manifest],
    ]);
  }

  async endSwap(name: string): Promise<void> {
    await this.#replace([[`swap/${name}`, null]]);
  }

  async forget(name: string): Promise<void> {
    await this.#replace(['toolchain', 'manifest', 'swap'].map(kind => [`${kind}/${name}`, null] as const));
  }

  async #replace(changes: Iterable<readonly [string, Uint8Array | null]>): Promise<void> {
    await this.#store.exclusive(async held => {
      const { revision } = await held.read();
      await held.replace(revision, new Map(changes));
    });
  }
}
