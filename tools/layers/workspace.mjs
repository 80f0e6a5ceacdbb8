// @ts-check
// The packages and programs of this checkout, as their package.json, tsconfig.json and imports tell.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, resolve } from 'node:path';
import ts from 'typescript';
import { ROOT } from '../setup/environment.mjs';

/**
 * @typedef {object} Package
 * @property {string} name
 * @property {string} folder `packages/errors`
 * @property {boolean} private
 * @property {readonly string[]} dependencies
 * @property {readonly string[]} devDependencies
 * @property {readonly string[]} types the ambient types that its sources compile with
 * @property {readonly string[]} references names of the packages that tsconfig.json refers to
 * @property {readonly { file: string, name: string }[]} imports packages that its sources import, without Node's own
 */

/** @returns {{ packages: readonly Package[], built: readonly string[] }} `built`: folders that the root tsconfig names */
export function readWorkspace() {
  const folders = ['packages', 'apps'].flatMap(parent =>
    readdirSync(resolve(ROOT, parent))
      .map(name => `${parent}/${name}`)
      .filter(folder => existsSync(resolve(ROOT, folder, 'package.json'))),
  );
  return { packages: folders.map(readPackage), built: referencesOf(readJson('tsconfig.json')) };
}

/** @param {string} folder @returns {Package} */
function readPackage(folder) {
  const manifest = readJson(`${folder}/package.json`);
  const config = readJson(`${folder}/tsconfig.json`);
  return {
    name: manifest.name,
    folder,
    private: manifest.private === true,
    dependencies: Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }),
    devDependencies: Object.keys(manifest.devDependencies ?? {}),
    types: config.compilerOptions?.types ?? [],
    references: referencesOf(config).map(path => nameAt(resolve(ROOT, folder, path))),
    imports: sourceFiles(folder).flatMap(file => importsOf(file).map(name => ({ file, name }))),
  };
}

/** @param {{ references?: readonly { path: string }[] }} config */
function referencesOf({ references = [] }) {
  return references.map(reference => reference.path);
}

/** @param {string} folder */
function nameAt(folder) {
  const manifest = resolve(folder, 'package.json');
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).name : basename(folder);
}

/** @param {string} folder */
function sourceFiles(folder) {
  const source = resolve(ROOT, folder, 'src');
  if (!existsSync(source)) return [];
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map(name => `${folder}/src/${name.replaceAll('\\', '/')}`);
}

/** The packages that a file imports, types included; `#…` is a file of its own package. @param {string} file */
function importsOf(file) {
  const { importedFiles } = ts.preProcessFile(readFileSync(resolve(ROOT, file), 'utf8'), true, true);
  const names = importedFiles
    .map(each => each.fileName)
    .filter(name => !/^[.#]/.test(name) && !isBuiltin(name));
  return [...new Set(names.map(packageOf))];
}

/** `@noble/curves/nist.js` → `@noble/curves`. @param {string} specifier */
function packageOf(specifier) {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/** JSON, or JSON with comments. @param {string} path below the root */
function readJson(path) {
  const { config, error } = ts.parseConfigFileTextToJson(path, readFileSync(resolve(ROOT, path), 'utf8'));
  if (error) throw new Error(`${path}: ${ts.flattenDiagnosticMessageText(error.messageText, ' ')}`);
  return config;
}
