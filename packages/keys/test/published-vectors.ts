// Vectors that others publish lie beside the project, in `shared/vectors`, and are not part of it.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TestContext } from 'vitest';

/** The parsed file, or the test is skipped with the reason printed. */
export function readPublished<T>(context: TestContext, path: string): T {
  let folder = new URL('./', import.meta.url);
  for (;;) {
    const file = new URL(`shared/vectors/${path}`, folder);
    if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as T;
    const parent = new URL('../', folder);
    if (parent.href === folder.href) break;
    folder = parent;
  }
  const reason = `no shared/vectors/${path} in any folder above ${fileURLToPath(new URL('./', import.meta.url))}`;
  console.log(`skipped: ${reason}`);
  return context.skip(reason);
}
