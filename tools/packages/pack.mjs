// @ts-check
// The tarballs of the public packages, as `pnpm publish` would send them.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { readWorkspace } from '../layers/workspace.mjs';
import { CACHE, ROOT } from '../setup/environment.mjs';
import { PNPM } from '../setup/install.mjs';
import { run } from '../setup/process.mjs';

/** @typedef {import('../layers/workspace.mjs').Package & { tarball: Uint8Array, files: readonly string[] }} Packed */

export function publicPackages() {
  return readWorkspace().packages.filter(each => !each.private);
}

/** @param {NodeJS.ProcessEnv} environment @returns {Promise<readonly Packed[]>} */
export async function packAll(environment) {
  const packages = publicPackages();
  const folder = resolve(CACHE, 'packed');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const filters = packages.map(each => `--filter=./${each.folder}`);
  const words = ['--yes', PNPM, '-r', ...filters, 'pack', '--json', '--pack-destination', folder];
  let output = '';
  const code = await run('npx', words, { cwd: ROOT, environment, collect: text => (output += text) });
  if (code !== 0) throw new Error(`pnpm pack ended with code ${code}, expected 0\n${output}`);
  // Scripts of the packages may print before the listing.
  const listing = JSON.parse(output.slice(output.search(/^\[$/m)));
  return packages.map(each => {
    const packed = listing.find((/** @type {{ name: string }} */ item) => item.name === each.name);
    const files = packed.files.map((/** @type {{ path: string }} */ file) => file.path);
    return { ...each, tarball: new Uint8Array(readFileSync(packed.filename)), files };
  });
}
