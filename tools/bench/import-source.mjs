// @ts-check
import { createRequire } from 'node:module';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Imports a TypeScript file of this project, bundled on the way.
 * @param {string} path @param {readonly string[]} [external] packages that are imported as they were built
 * @returns {Promise<any>}
 */
export async function importSource(path, external) {
  return import(pathToFileURL(await bundleSource(path, external)).href);
}

/**
 * A TypeScript file of this project as a program that Node runs; gives its path.
 * @param {string} path @param {readonly string[]} [external]
 */
async function bundleSource(path, external = []) {
  const { build } = createRequire(createRequire(import.meta.url).resolve('tsup'))('esbuild');
  const outfile = `${ROOT}.cache/bench/source/${path.replace(/\.ts$/, '.mjs')}`;
  await mkdir(`${ROOT}.cache/bench`, { recursive: true });
  await build({
    entryPoints: [`${ROOT}${path}`],
    outfile,
    bundle: true,
    external: [...external],
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@cargo-tuf/source'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
  return outfile;
}
