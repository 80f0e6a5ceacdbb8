// @ts-check
// Checks each public package as its users get it: the files of the tarball, its entry points (publint), its types (are
// the types wrong, for ES modules), and its API against etc/<name>.api.md. Needs the JavaScript and the declarations.
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { projectEnvironment, withScratchFolder } from '../setup/environment.mjs';
import { differingReports } from './api.mjs';
import { LICENCES } from './licences.mjs';
import { packAll } from './pack.mjs';

/** @typedef {import('./pack.mjs').Packed} Packed */

/** @param {Packed} packed */
function isLibrary(packed) {
  return packed.folder.startsWith('packages/');
}

/** @param {Packed} packed */
function missingFiles(packed) {
  const library = ['dist/index.js', 'dist/index.d.ts', 'src/index.ts'];
  const wanted = [...(isLibrary(packed) ? library : ['dist/main.js']), 'README.md', ...LICENCES];
  return wanted.filter(name => !packed.files.includes(name)).map(name => `the tarball has no ${name}`);
}

/** Declarations whose source is gone: a build never removes them. @param {Packed} packed */
function staleFiles({ files }) {
  return files
    .filter(name => /^dist\/.*\.d\.ts$/.test(name))
    .filter(name => !files.includes(name.replace(/^dist\/(.*)\.d\.ts$/, 'src/$1.ts')))
    .map(name => `the tarball has ${name} without its source; remove dist and build again`);
}

/** @param {Packed} packed */
async function wrongEntries({ tarball }) {
  const { messages, pkg } = await publint({ pack: { tarball: exactBuffer(tarball) }, strict: true });
  return messages.map(message => `publint: ${formatMessage(message, pkg, { color: false })}`);
}

/** @param {Uint8Array} bytes @returns {ArrayBuffer} */
function exactBuffer(bytes) {
  return new Uint8Array(bytes).buffer;
}

/** Only `import` under Node 16 rules and bundlers: there is nothing for `require`. @param {Packed} packed */
async function wrongTypes({ tarball }) {
  const analysis = await checkPackage(createPackageFromTarballData(tarball));
  if (!analysis.types) return ['attw: no types'];
  return analysis.problems
    .filter(problem => !('resolutionKind' in problem && IGNORED_RESOLUTIONS.has(problem.resolutionKind)))
    .map(problem => `attw: ${JSON.stringify(problem)}`);
}

const IGNORED_RESOLUTIONS = new Set(['node10', 'node16-cjs']);

const problems = [];
for (const packed of await withScratchFolder(scratch => packAll(projectEnvironment(scratch)))) {
  const found = [...missingFiles(packed), ...staleFiles(packed), ...(await wrongEntries(packed))];
  if (isLibrary(packed)) found.push(...(await wrongTypes(packed)));
  problems.push(...found.map(problem => `${packed.folder}: ${problem}`));
}
problems.push(...(await differingReports()));
for (const problem of problems) console.error(`packages: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
