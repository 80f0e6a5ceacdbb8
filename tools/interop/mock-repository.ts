// Repositories that @tufjs/repo-mock 3.0.1 makes: version 1 of every role, one P-256 key, no consistent snapshots.

import { formatTime } from '@cargo-tuf/metadata';
import { initializeTUFRepo, type Target, tufHandlers } from '@tufjs/repo-mock';
import { vi } from 'vitest';
import type { Repository } from './readers.ts';

export interface MockOptions {
  /** Times as it writes them, with milliseconds; the specification has whole seconds, and we refuse other spellings. */
  readonly fractions?: boolean;
}

/** Expires one year after the present time, as the mock does with every role. */
export function makeMockRepository(targets: readonly Target[], options: MockOptions = {}): Repository {
  const made = inWholeSeconds(options.fractions !== true, () => initializeTUFRepo([...targets]));
  const files = new Map<string, Uint8Array>();
  for (const { path, fn } of tufHandlers(made, {})) {
    const { statusCode, response } = fn();
    if (statusCode === 200) files.set(path.slice(1), new Uint8Array(Buffer.from(response)));
  }
  return { root: files.get('metadata/1.root.json') as Uint8Array, files };
}

/** It writes times by Date.prototype.toISOString, which always has a fraction. */
function inWholeSeconds<T>(isWanted: boolean, work: () => T): T {
  if (!isWanted) return work();
  const spy = vi.spyOn(Date.prototype, 'toISOString').mockImplementation(function write(this: Date) {
    return formatTime(this.getTime());
  });
  try {
    return work();
  } finally {
    spy.mockRestore();
  }
}
