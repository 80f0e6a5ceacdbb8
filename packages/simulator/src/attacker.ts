import { defineErrors } from '@cargo-tuf/errors';
import type { FetchOptions, Source } from '@cargo-tuf/client';

const fail = defineErrors({
  SIMULATED_OUTAGE: { kind: 'unavailable', hint: 'end the outage' },
  SIMULATED_TOO_LONG: { kind: 'security', hint: 'send less' },
});

/** What a mirror answers for a path: bytes, "not there", or an outage. */
export type Answer = Uint8Array | null | 'outage';
export type Rule = (path: string, honest: Uint8Array | null) => Answer;

/**
 * A mirror between a repository and a client. It serves the repository's files, or an old copy of them, and bends any
 * answer. `requests` is the log of what was asked.
 */
export class Attacker implements Source {
  readonly requests: string[] = [];
  #files: ReadonlyMap<string, Uint8Array>;
  #rules: Rule[] = [];
  /** Who bends a role holds back the bundles, which would give it in its true form. */
  #hasBundles = false;

  constructor(files: ReadonlyMap<string, Uint8Array>) {
    this.#files = files;
  }

  /** Serves other files from here on: an older copy, another repository. */
  serve(files: ReadonlyMap<string, Uint8Array>): void {
    this.#files = files;
  }

  /** Bends answers; the last rule that is added sees the answer of those before. */
  bend(rule: Rule): void {
    this.#rules.push(rule);
  }

  /** Bends the bundles of roles. */
  bendBundles(change: (honest: Uint8Array | null) => Answer): void {
    this.#hasBundles = true;
    this.bendPath(/\.bundle$/, change);
  }

  /** Bends the answers for the paths that match. */
  bendPath(match: RegExp, change: (honest: Uint8Array | null) => Answer): void {
    this.bend((path, honest) => (match.test(path) ? change(honest) : honest));
  }

  /** Back to honest answers. */
  relent(files?: ReadonlyMap<string, Uint8Array>): void {
    this.#rules = [];
    this.#hasBundles = false;
    if (files !== undefined) this.#files = files;
  }

  async fetch(path: string, { maxLength }: FetchOptions): Promise<Uint8Array | null> {
    this.requests.push(path);
    if (path.endsWith('.bundle') && this.#rules.length > 0 && !this.#hasBundles) return null;
    let answer: Answer = this.#files.get(path) ?? null;
    for (const rule of this.#rules) {
      if (answer === 'outage') break;
      answer = rule(path, answer);
    }
    if (answer === 'outage') throw fail('SIMULATED_OUTAGE', `${path}: no answer`);
    if (answer !== null && answer.length > maxLength) {
      throw fail('SIMULATED_TOO_LONG', `${path}: ${answer.length} bytes, expected at most ${maxLength}`);
    }
    return answer;
  }
}

/** One bit of the middle byte is another. */
export function flipMiddle(bytes: Uint8Array | null): Uint8Array | null {
  if (bytes === null || bytes.length === 0) return bytes;
  const changed = bytes.slice();
  const at = changed.length >> 1;
  changed[at] = (changed[at] as number) ^ 1;
  return changed;
}
