// A tree as a person would lay it out: values first, a header for each table, a blank line above each header, short tables
// inside of tables on one line, long lists one element a line, texts of several lines as such.
//
//   [roles.timestamp]
//   keyids = [
//       "openpgp:311A…",
//       "openpgp:FF88…"
//   ]
//   threshold = 1

import { isJsonObject, type JsonObject, type JsonValue } from '@cargo-tuf/canonical-json';
import { commentKey, type TomlDocument } from './toml-reader.ts';
import { encodeText } from './utf8.ts';

/** `parseToml` reads it back as the same tree. */
export function formatToml(document: TomlDocument): Uint8Array {
  const writer = new TomlWriter(document.comments);
  writer.table(document.tree, [], []);
  return encodeText(writer.end());
}

const WIDTH = 80;
const INDENT = '    ';
type Path = readonly (string | number)[];

class TomlWriter {
  readonly #comments: TomlDocument['comments'];
  readonly #lines: string[] = [];
  #pending: string[] = [];

  constructor(comments: TomlDocument['comments']) {
    this.#comments = comments;
  }

  end(): string {
    this.#pending = [...(this.#comments.get(commentKey([])) ?? [])];
    if (this.#pending.length > 0) this.#blankLine();
    this.#flush();
    return this.#lines.map(line => `${line}\n`).join('');
  }

  /** `header`: `[a.b]`, its names without the numbers that `path` has. */
  table(table: JsonObject, path: Path, names: readonly string[]): void {
    const tables: [string, JsonValue][] = [];
    for (const [name, value] of table) {
      if (this.#isTable(value, [...path, name], names.length + 1)) tables.push([name, value]);
      else this.#pair(name, value, [...path, name]);
    }
    for (const [name, value] of tables) this.#tables(value, [...path, name], [...names, name]);
  }

  #tables(value: JsonValue, path: Path, names: readonly string[]): void {
    if (isJsonObject(value)) {
      this.#collect(path);
      const hasOwn = Array.from(value).some(
        ([member, each]) => !this.#isTable(each, [...path, member], names.length + 1),
      );
      if (hasOwn || value.size === 0) this.#header(`[${names.map(formatKey).join('.')}]`);
      this.table(value, path, names);
      return;
    }
    for (const [index, element] of (value as readonly JsonObject[]).entries()) {
      this.#collect([...path, index]);
      this.#header(`[[${names.map(formatKey).join('.')}]]`);
      this.table(element, [...path, index], names);
    }
  }

  /** Whether a value is written below a header of its own. */
  #isTable(value: JsonValue, path: Path, depth: number): boolean {
    if (Array.isArray(value)) return value.length > 0 && (value as readonly JsonValue[]).every(isJsonObject);
    if (!isJsonObject(value)) return false;
    if (depth < 3 || value.size === 0) return true;
    const line = `${formatKey(String(path.at(-1)))} = ${formatInline(value)}`;
    return line.length > WIDTH * 1.5 || !Array.from(value.values()).every(isShort) || this.#hasComments(path);
  }

  #hasComments(path: Path): boolean {
    const prefix = commentKey(path);
    return Array.from(this.#comments.keys()).some(key => key === prefix || key.startsWith(`${prefix}\0`));
  }

  #header(line: string): void {
    this.#blankLine();
    this.#flush();
    this.#lines.push(line);
  }

  #pair(name: string, value: JsonValue, path: Path): void {
    this.#collect(path);
    this.#flush();
    const key = `${formatKey(name)} = `;
    if (typeof value === 'string' && value.includes('\n')) {
      this.#lines.push(...`${key}${formatLines(value)}`.split('\n'));
      return;
    }
    const line = `${key}${formatInline(value)}`;
    if (!Array.isArray(value) || line.length <= WIDTH) {
      this.#lines.push(line);
      return;
    }
    const elements = (value as readonly JsonValue[]).map(element => `${INDENT}${formatInline(element)}`);
    this.#lines.push(`${key}[`, ...elements.join(',\n').split('\n'), ']');
  }

  #collect(path: Path): void {
    this.#pending.push(...(this.#comments.get(commentKey(path)) ?? []));
  }

  #flush(): void {
    this.#lines.push(...this.#pending.map(comment => `#${comment}`));
    this.#pending = [];
  }

  #blankLine(): void {
    if (this.#lines.length > 0) this.#lines.push('');
  }
}

function isShort(value: JsonValue): boolean {
  return (
    typeof value === 'number' ||
    typeof value === 'boolean' ||
    (typeof value === 'string' && !value.includes('\n'))
  );
}

function formatKey(name: string): string {
  return /^[A-Za-z0-9_-]+$/.test(name) ? name : formatString(name);
}

/** On one line. */
function formatInline(value: JsonValue): string {
  if (typeof value === 'string') return formatString(value);
  if (Array.isArray(value)) return `[${(value as readonly JsonValue[]).map(formatInline).join(', ')}]`;
  if (!isJsonObject(value)) return `${value as number | boolean}`;
  const pairs = Array.from(value, ([name, each]) => `${formatKey(name)} = ${formatInline(each)}`);
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
}

function formatString(text: string): string {
  return `"${escape(text).replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`;
}

function formatLines(text: string): string {
  // Three quotes in the text would end it.
  const ends = text.includes('"""') || text.endsWith('"');
  const escaped = escape(text);
  return `"""\n${ends ? escaped.replaceAll('"', '\\"') : escaped}"""`;
}

function escape(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replace(
      /[^\t\n -~\u0080-\uffff]/g,
      character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
}
