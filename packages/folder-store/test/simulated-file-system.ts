// A file system in memory that remembers what is on the disk and what only seems to be, and can stop before or after
// any of its operations.

import { defineErrors } from '@cargo-tuf/errors';
import type { FileSystem, FolderEntry } from '@cargo-tuf/folder-store';

const fail = defineErrors({
  STORE_NOT_A_FILE: { kind: 'malformed', hint: 'x' },
  STORE_UNWRITABLE: { kind: 'unavailable', hint: 'x' },
});

interface FileNode {
  bytes: Uint8Array;
  synced: Uint8Array | null;
  written: number;
}

export class Stopped extends Error {}

/** What is left of the operation that the power failed in. */
export type Loss = 'before' | 'after' | 'unsynced' | 'torn';

export class SimulatedFileSystem implements FileSystem {
  /** Names as processes see them. */
  files = new Map<string, FileNode>();
  folders = new Set<string>(['/']);
  /** Names as a loss of power leaves them. */
  #durable = new Map<string, FileNode>();
  operations: string[] = [];
  readOnly = false;
  #stopAt = Number.POSITIVE_INFINITY;
  #loss: Loss = 'before';
  #stopped = false;

  stopAt(operation: number, loss: Loss): void {
    this.operations = [];
    this.#stopAt = operation;
    this.#loss = loss;
  }

  /** The disk as the next process finds it. */
  restart(): void {
    if (this.#loss === 'unsynced' && this.#stopped) {
      this.files = new Map();
      for (const [path, node] of this.#durable) {
        const bytes = node.synced ?? node.bytes.slice(0, node.bytes.length >> 1);
        this.files.set(path, { bytes, synced: bytes, written: node.written });
      }
    }
    this.#stopped = false;
    this.stopAt(Number.POSITIVE_INFINITY, 'before');
  }

  async read(path: string, maxLength: number): Promise<Uint8Array | null> {
    this.#running();
    if (this.folders.has(path)) throw fail('STORE_NOT_A_FILE', `${path}: folder`);
    const node = this.files.get(path);
    if (node !== undefined && node.bytes.length > maxLength) throw fail('STORE_NOT_A_FILE', `${path}: long`);
    return node?.bytes.slice() ?? null;
  }

  async create(path: string, bytes: Uint8Array): Promise<boolean> {
    let made = false;
    this.#change(`create ${path}`, portion => {
      if (this.files.has(path)) return;
      const kept = bytes.slice(0, Math.floor(bytes.length * portion));
      this.files.set(path, { bytes: kept, synced: null, written: Date.now() });
      made = true;
    });
    return made;
  }

  async sync(path: string, kind: 'file' | 'folder'): Promise<void> {
    this.#change(`sync ${path}`, () => {
      const node = this.files.get(path);
      if (kind === 'file' && node !== undefined) node.synced = node.bytes;
      if (kind === 'file') return;
      const inside = (name: string): boolean => name.slice(0, name.lastIndexOf('/')) === path;
      for (const name of [...this.#durable.keys()].filter(inside)) this.#durable.delete(name);
      for (const [name, file] of this.files) if (inside(name)) this.#durable.set(name, file);
    });
  }

  async rename(from: string, to: string): Promise<void> {
    this.#change(`rename ${from} ${to}`, () => {
      const node = this.files.get(from);
      if (node === undefined) throw fail('STORE_UNWRITABLE', `${from}: absent`);
      this.files.delete(from);
      this.files.set(to, node);
    });
  }

  async remove(path: string): Promise<void> {
    this.#change(`remove ${path}`, () => this.files.delete(path));
  }

  async makeFolder(path: string): Promise<boolean> {
    if (this.folders.has(path)) return false;
    this.#change(`folder ${path}`, () => this.folders.add(path));
    return true;
  }

  async checkFolder(path: string): Promise<boolean> {
    this.#running();
    return this.folders.has(path);
  }

  async list(path: string): Promise<readonly FolderEntry[]> {
    this.#running();
    const entries: FolderEntry[] = [];
    for (const [name, node] of this.files) {
      if (name.slice(0, name.lastIndexOf('/')) !== path) continue;
      const { written } = node;
      entries.push({
        name: name.slice(path.length + 1),
        kind: 'file',
        length: node.bytes.length,
        written,
        used: written,
      });
    }
    return entries;
  }

  async names(path: string): Promise<readonly string[]> {
    return (await this.list(path)).map(entry => entry.name);
  }

  async touch(path: string): Promise<boolean> {
    this.#running();
    const node = this.files.get(path);
    if (node !== undefined) node.written = Date.now();
    return node !== undefined;
  }

  #running(): void {
    if (this.#stopped) throw new Stopped();
  }

  #change(operation: string, apply: (portion: number) => unknown): void {
    this.#running();
    if (this.readOnly) throw fail('STORE_UNWRITABLE', `${operation}: EROFS`);
    this.operations.push(operation);
    if (this.operations.length < this.#stopAt) {
      apply(1);
      return;
    }
    this.#stopped = true;
    if (this.#loss === 'torn') apply(0.5);
    else if (this.#loss !== 'before') apply(1);
    throw new Stopped();
  }
}
