// Which table a header or a dotted key leads to, by the rules of TOML 1.0: each table is opened once, each key is set once.
//
// One departure: a header may reach into an inline table and add what is not there. The RFC writes its keys so:
//
//   [keys]
//   "openpgp:FF88…" = { keytype = "ed25519", scheme = "openpgp" }
//   [keys."openpgp:FF88…".keyval]

import { isJsonObject, type JsonValue } from '@cargo-tuf/canonical-json';

export type TomlTable = Map<string, JsonValue>;

/** `implicit`: named on the way to another header. `dotted`: made by a dotted key, and by nothing else to be added to. */
type Origin = 'implicit' | 'header' | 'dotted' | 'inline';

export class TomlTables {
  readonly root: TomlTable = new Map();
  readonly #origins = new WeakMap<object, Origin>();
  readonly #arraysOfTables = new WeakSet<object>();

  /** The table of `[a.b.c]`; undefined when it cannot be opened. */
  open(path: readonly string[]): TomlTable | undefined {
    const parent = this.#walk(path.slice(0, -1));
    const name = path.at(-1) as string;
    const found = parent?.get(name);
    if (parent === undefined) return undefined;
    if (found === undefined) return this.create(parent, name, 'header');
    if (!isTable(found) || this.#origins.get(found) !== 'implicit') return undefined;
    this.#origins.set(found, 'header');
    return found;
  }

  /** The table that `[[a.b.c]]` adds; undefined when it cannot. */
  append(path: readonly string[]): TomlTable | undefined {
    const parent = this.#walk(path.slice(0, -1));
    if (parent === undefined) return undefined;
    const name = path.at(-1) as string;
    const table: TomlTable = new Map();
    const found = parent.get(name) ?? [];
    if (parent.has(name) && !this.#arraysOfTables.has(found as object)) return undefined;
    (found as JsonValue[]).push(table);
    this.#arraysOfTables.add(found as object);
    this.#origins.set(table, 'header');
    parent.set(name, found);
    return table;
  }

  /** The table that all but the last part of a dotted key lead to, from `table`; undefined when they cannot. */
  dotted(table: TomlTable, parts: readonly string[]): TomlTable | undefined {
    let current = table;
    for (const part of parts) {
      const next = current.get(part) ?? this.create(current, part, 'dotted');
      if (!isTable(next) || this.#origins.get(next) !== 'dotted') return undefined;
      current = next;
    }
    return current;
  }

  /** Nothing but a header adds to this table from here on. */
  close(table: TomlTable): void {
    this.#origins.set(table, 'inline');
    for (const value of table.values()) if (isTable(value)) this.close(value);
  }

  create(parent: TomlTable, name: string, origin: Origin): TomlTable {
    const table: TomlTable = new Map();
    this.#origins.set(table, origin);
    parent.set(name, table);
    return table;
  }

  #walk(path: readonly string[]): TomlTable | undefined {
    let current = this.root;
    for (const name of path) {
      const found = current.get(name) ?? this.create(current, name, 'implicit');
      const next = this.#arraysOfTables.has(found as object) ? (found as JsonValue[]).at(-1) : found;
      if (!isTable(next)) return undefined;
      current = next;
    }
    return current;
  }
}

function isTable(value: JsonValue | undefined): value is TomlTable {
  return isJsonObject(value);
}
