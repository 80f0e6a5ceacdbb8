// A TOML file as the tree that JSON has too: strings, integers, true and false, arrays of one type, tables. TOML 1.0, and of
// it what metadata needs; `smol-toml` accepts more (dates, floats, TOML 1.1), and refuses the RFC's own example.
//
//   spec-version = 1
//   [roles.timestamp]
//   keyids = ["openpgp:FF88…"]
//
// UTF-8 without a byte order mark; lines end with a line feed. Comments are kept for `formatToml`.

import { isJsonObject, type JsonObject, type JsonValue } from '@cargo-tuf/canonical-json';
import { fail } from './errors.ts';
import type { TomlLimits } from './toml-limits.ts';
import { TomlScanner } from './toml-scanner.ts';
import { type TomlTable, TomlTables } from './toml-tables.ts';

declare const TextDecoder: new (
  encoding: string,
  options: { readonly fatal: boolean; readonly ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };

/** A file that was read: its tree, and its comments. */
export interface TomlDocument {
  readonly tree: JsonObject;
  /** Lines without their "#", by `commentKey` of what they stand above or beside. */
  readonly comments: ReadonlyMap<string, readonly string[]>;
}

/** Names of tables and keys from the root, numbers for elements of arrays of tables. The end of the file has none. */
export function commentKey(path: readonly (string | number)[]): string {
  return path.map(part => (typeof part === 'number' ? `#${part}` : `.${part}`)).join('\0');
}

/** Throws `METADATA_TOML`. */
export function parseToml(bytes: Uint8Array, limits: TomlLimits): TomlDocument {
  return new TomlReader(decode(bytes), limits).read();
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw fail('METADATA_TOML', 'TOML: not UTF-8', { cause });
  }
}

class TomlReader {
  readonly #scanner: TomlScanner;
  readonly #limits: TomlLimits;
  readonly #tables = new TomlTables();
  readonly #comments = new Map<string, readonly string[]>();
  #pending: string[] = [];
  #table: TomlTable = this.#tables.root;
  #path: readonly (string | number)[] = [];
  #values = 0;

  constructor(text: string, limits: TomlLimits) {
    this.#scanner = new TomlScanner(text, limits);
    this.#limits = limits;
  }

  read(): TomlDocument {
    while (!this.#scanner.isAtEnd) this.#line();
    this.#attach([]);
    return { tree: this.#tables.root, comments: this.#comments };
  }

  #line(): void {
    const scanner = this.#scanner;
    scanner.skipSpaces();
    let path: readonly (string | number)[] | undefined;
    if (scanner.take('[')) path = this.#header();
    else if (!scanner.sees('#') && !scanner.sees('\n') && !scanner.isAtEnd)
      path = [...this.#path, ...this.#pair(this.#table, 1)];
    this.#endOfLine();
    if (path !== undefined) this.#attach(path);
  }

  /** What stands between brackets, the first of which was taken. */
  #header(): readonly (string | number)[] {
    const scanner = this.#scanner;
    const isArray = scanner.take('[');
    const key = this.#key();
    scanner.expect(isArray ? ']]' : ']');
    const table = isArray ? this.#tables.append(key) : this.#tables.open(key);
    this.#table = table ?? scanner.refuse('a table that is there already, or stands where a value is');
    this.#count();
    this.#path = this.#pathOf(key);
    return this.#path;
  }

  /** With the numbers of the last elements of arrays of tables. */
  #pathOf(key: readonly string[]): readonly (string | number)[] {
    const path: (string | number)[] = [];
    let value: JsonValue | undefined = this.#tables.root;
    for (const name of key) {
      path.push(name);
      value = isJsonObject(value) ? value.get(name) : undefined;
      if (!Array.isArray(value)) continue;
      const elements = value as readonly JsonValue[];
      path.push(elements.length - 1);
      value = elements.at(-1);
    }
    return path;
  }

  /** `a.b = value`; gives the key. */
  #pair(table: TomlTable, depth: number): readonly string[] {
    const scanner = this.#scanner;
    const key = this.#key();
    scanner.expect('=');
    scanner.skipSpaces();
    const target = this.#tables.dotted(table, key.slice(0, -1));
    const name = key.at(-1) as string;
    if (target === undefined || target.has(name)) return scanner.refuse('a key that is set already');
    target.set(name, this.#value(depth + key.length - 1));
    return key;
  }

  #key(): readonly string[] {
    const scanner = this.#scanner;
    const parts: string[] = [];
    do {
      scanner.skipSpaces();
      parts.push(scanner.keyPart());
      scanner.skipSpaces();
      if (parts.length > this.#limits.depth) this.#tooDeep();
    } while (scanner.take('.'));
    return parts;
  }

  #value(depth: number): JsonValue {
    if (depth > this.#limits.depth) this.#tooDeep();
    this.#count();
    const scanner = this.#scanner;
    if (scanner.sees('"') || scanner.sees("'")) return scanner.string();
    if (scanner.take('[')) return this.#array(depth);
    if (scanner.take('{')) return this.#inlineTable(depth);
    return scanner.word();
  }

  #array(depth: number): JsonValue {
    const scanner = this.#scanner;
    const elements: JsonValue[] = [];
    for (;;) {
      this.#gap();
      if (scanner.take(']')) return elements;
      elements.push(this.#value(depth + 1));
      if (typeOf(elements.at(-1)) !== typeOf(elements[0])) scanner.refuse('an array of several types');
      this.#gap();
      if (!scanner.take(',')) {
        scanner.expect(']');
        return elements;
      }
    }
  }

  #inlineTable(depth: number): JsonValue {
    const scanner = this.#scanner;
    const table: TomlTable = new Map();
    scanner.skipSpaces();
    if (!scanner.take('}')) {
      do {
        this.#pair(table, depth + 1);
        scanner.skipSpaces();
      } while (scanner.take(','));
      scanner.expect('}');
    }
    this.#tables.close(table);
    return table;
  }

  /** White space, line ends and comments, as they may stand between the elements of an array. */
  #gap(): void {
    const scanner = this.#scanner;
    do {
      scanner.skipSpaces();
      this.#keepComment();
    } while (scanner.take('\n'));
  }

  #endOfLine(): void {
    this.#scanner.skipSpaces();
    this.#keepComment();
    if (!this.#scanner.isAtEnd) this.#scanner.expect('\n');
  }

  #keepComment(): void {
    const comment = this.#scanner.comment();
    if (comment !== undefined) this.#pending.push(comment);
  }

  #attach(path: readonly (string | number)[]): void {
    if (this.#pending.length > 0) this.#comments.set(commentKey(path), this.#pending);
    this.#pending = [];
  }

  #count(): void {
    this.#values += 1;
    if (this.#values > this.#limits.values) this.#scanner.refuse(`more than ${this.#limits.values} values`);
  }

  #tooDeep(): never {
    return this.#scanner.refuse(`more than ${this.#limits.depth} levels`);
  }
}

function typeOf(value: JsonValue | undefined): string {
  if (Array.isArray(value)) return 'array';
  return typeof value;
}
