// @ts-check
// Installs what the lockfile names, once for each lockfile.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CACHE, ROOT } from './environment.mjs';
import { runQuietly } from './process.mjs';

export const PNPM = 'pnpm@10.34.9';

const STAMP = resolve(CACHE, 'installed');

/** @param {NodeJS.ProcessEnv} environment */
export async function install(environment) {
  const wanted = stampOf(readFileSync(resolve(ROOT, 'pnpm-lock.yaml')));
  if (isInstalled(wanted)) return;
  console.log('install: the packages that pnpm-lock.yaml names');
  await runQuietly('install', 'npx', ['--yes', PNPM, 'install', '--frozen-lockfile', ...UNATTENDED], {
    cwd: ROOT,
    environment,
  });
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(STAMP, wanted);
}

// A node_modules that another pnpm made is replaced without a question.
const UNATTENDED = [
  '--config.confirm-modules-purge=false',
  '--reporter=append-only',
  `--store-dir=${resolve(CACHE, 'pnpm/store')}`,
];

/** @param {string} wanted */
function isInstalled(wanted) {
  if (!existsSync(resolve(ROOT, 'node_modules/.modules.yaml'))) return false;
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted;
}

/** Changes with the lockfile and with the kind of machine. @param {Uint8Array} lockfile */
function stampOf(lockfile) {
  const hash = createHash('sha256').update(lockfile).digest('hex');
  return `${hash} ${process.platform} ${process.arch}\n`;
}
