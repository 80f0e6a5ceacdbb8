// @ts-check
// The API of every public package as text, in its etc/<name>.api.md: a change of an API is a change of a file that a
// reviewer sees. `pnpm api` writes the reports; the check of packages compares them.
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { CACHE, ROOT } from '../setup/environment.mjs';
import { publicPackages } from './pack.mjs';

/** @typedef {import('../layers/workspace.mjs').Package} Package */

function libraries() {
  return publicPackages().filter(each => each.folder.startsWith('packages/'));
}

/** One sentence for each report that differs from what the declarations say. @returns {Promise<readonly string[]>} */
export async function differingReports() {
  return extractAll(false);
}

/** Compares the reports, or writes them. One compilation serves all. @param {boolean} write */
function extractAll(write) {
  const packages = libraries();
  const configs = packages.map(configOf);
  const [first, ...others] = configs;
  if (!first) return [];
  const additionalEntryPoints = others.map(config => config.mainEntryPointFilePath);
  const compilerState = CompilerState.create(first, { additionalEntryPoints });
  return packages.flatMap((each, index) =>
    extract(each, /** @type {ExtractorConfig} */ (configs[index]), compilerState, write),
  );
}

/**
 * @param {Package} each
 * @param {ExtractorConfig} config
 * @param {CompilerState} compilerState
 * @param {boolean} write
 * @returns {readonly string[]} problems
 */
function extract(each, config, compilerState, write) {
  /** @type {string[]} */
  const problems = [];
  const result = Extractor.invoke(config, {
    compilerState,
    localBuild: write,
    messageCallback: message => {
      message.handled = true;
      // One compilation serves all packages, and each of them hears all of its messages.
      const own = message.sourceFilePath?.startsWith(resolve(ROOT, each.folder)) ?? true;
      if (message.logLevel === 'error' && own) problems.push(`${each.folder}: ${message.text}`);
    },
  });
  if (result.apiReportChanged && !write)
    problems.push(
      `${config.reportFilePath.slice(ROOT.length + 1)}: differs from the declarations; run pnpm api`,
    );
  return problems;
}

/** @param {Package} each */
function configOf(each) {
  const folder = resolve(ROOT, each.folder);
  const scratch = resolve(CACHE, 'api');
  const entry = resolve(folder, 'dist/index.d.ts');
  mkdirSync(resolve(folder, 'etc'), { recursive: true });
  mkdirSync(scratch, { recursive: true });
  const messages = {
    compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
    extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
    tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
  };
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: resolve(folder, 'package.json'),
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: entry,
      newlineKind: 'lf',
      compiler: { overrideTsconfig: { compilerOptions: COMPILER_OPTIONS, files: [entry] } },
      apiReport: {
        enabled: true,
        includeForgottenExports: true,
        reportFileName: `${each.folder.replace('packages/', '')}.api.md`,
        reportFolder: resolve(folder, 'etc'),
        reportTempFolder: scratch,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages,
    },
  });
}

const COMPILER_OPTIONS = {
  target: 'ES2023',
  lib: ['ES2023'],
  module: 'NodeNext',
  moduleResolution: 'NodeNext',
  strict: true,
  types: ['node'],
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const problems = extractAll(true);
  for (const problem of problems) console.error(`api: ${problem}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
