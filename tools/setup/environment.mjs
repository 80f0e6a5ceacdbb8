// @ts-check
// Where programs of the workshop write: below `.cache/` of this checkout, and nowhere else.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');
export const CACHE = resolve(ROOT, '.cache');

/** The environment of every step. `scratch`: the folder for temporary files. @param {string} scratch */
export function projectEnvironment(scratch) {
  const { PATH, ...inherited } = process.env;
  return {
    ...inherited,
    PATH: `${resolve(ROOT, 'node_modules/.bin')}${delimiter}${PATH ?? ''}`,
    TMPDIR: scratch,
    TMP: scratch,
    TEMP: scratch,
    XDG_CACHE_HOME: resolve(CACHE, 'xdg/cache'),
    XDG_CONFIG_HOME: resolve(CACHE, 'xdg/config'),
    XDG_DATA_HOME: resolve(CACHE, 'xdg/data'),
    XDG_STATE_HOME: resolve(CACHE, 'xdg/state'),
    npm_config_cache: resolve(CACHE, 'npm'),
    npm_config_update_notifier: 'false',
    PNPM_HOME: resolve(CACHE, 'pnpm'),
    CARGO_HOME: resolve(CACHE, 'cargo'),
    TURBO_CONFIG_DIR_PATH: resolve(CACHE, 'turbo'),
    TURBO_TELEMETRY_DISABLED: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
    DO_NOT_TRACK: '1',
  };
}

/**
 * Gives `work` a folder for temporary files and removes it afterwards. Short, since sockets can live in it.
 * @template T
 * @param {(scratch: string) => Promise<T>} work
 */
export async function withScratchFolder(work) {
  mkdirSync(CACHE, { recursive: true });
  const scratch = mkdtempSync(resolve(CACHE, 'tmp-'));
  try {
    return await work(scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
