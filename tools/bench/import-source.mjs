// @ts-check
import { createRequire } from 'node:module';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Imports a TypeScript file of this project, bundled on the way. `built`: it uses the packages as they were built, which those that start
 * threads need.
 * @param {string} path @param {{ built?: boolean }} [options] @returns {Promise<any>}
 */
export async function importSource(path, { built = false } = {}) {
  return import(pathToFileURL(await bundleSource(path, built)).href);
}

/** A TypeScript file of this project as a program that Node runs; gives its path. @param {string} path @param {boolean} built */
async function bundleSource(path, built) {
  const { build } = createRequire(createRequire(import.meta.url).resolve('tsup'))('esbuild');
  const outfile = `${ROOT}.cache/bench/source/${path.replace(/\.ts$/, '.mjs')}`;
  await mkdir(`${ROOT}.cache/bench`, { recursive: true });
  await build({
    entryPoints: [`${ROOT}${path}`],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    ...(built ? { packages: 'external' } : { conditions: ['@cargo-tuf/source'] }),
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
  return outfile;
}
