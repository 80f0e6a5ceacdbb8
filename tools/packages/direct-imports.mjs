// @ts-check
// A program that is cut into chunks loads, with a name that it imports from a package, every module that the package's index
// names. This leads each name to the module that has it, so that a short command loads little.
//
//   import { sha256, type Signer } from '@cargo-tuf/keys';   becomes   import { sha256 } from '/…/packages/keys/src/hashes.ts';

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PACKAGES = fileURLToPath(new URL('../../packages/', import.meta.url));
const IMPORT = /^import \{([^}]*)\} from '@cargo-tuf\/([a-z-]+)';$/gm;
const EXPORT = /^export \{([^}]*)\} from '\.\/([a-z0-9/-]+\.ts)';$/gm;

/** @returns {NonNullable<import('tsup').Options['esbuildPlugins']>[number]} */
export function directImports() {
  /** @type {Map<string, ReadonlyMap<string, string>>} */
  const indexes = new Map();
  return {
    name: 'direct-imports',
    setup(build) {
      build.onLoad({ filter: /\/(packages|apps)\/[^/]+\/src\/.*\.ts$/ }, ({ path }) => ({
        contents: readFileSync(path, 'utf8').replace(IMPORT, (statement, names, name) => {
          const index = indexes.get(name) ?? readIndex(name);
          indexes.set(name, index);
          const direct = listNames(names).map(each => directImport(index, each, name));
          // The lines below stay where they are, for source maps.
          return direct.join(' ') + '\n'.repeat(statement.split('\n').length - 1);
        }),
        loader: 'ts',
      }));
    },
  };
}

/** @param {ReadonlyMap<string, string>} index @param {string} item "sha256" or "sha256 as hash" @param {string} name */
function directImport(index, item, name) {
  const file = index.get(item.split(' ')[0] ?? '');
  if (file === undefined) throw new Error(`@cargo-tuf/${name}: its index has no line for ${item}`);
  return `import { ${item} } from '${PACKAGES}${name}/src/${file}';`;
}

/** @param {string} name @returns {ReadonlyMap<string, string>} the module of each value that a package exports */
function readIndex(name) {
  const text = readFileSync(`${PACKAGES}${name}/src/index.ts`, 'utf8');
  return new Map(
    [...text.matchAll(EXPORT)].flatMap(([, names = '', file = '']) =>
      listNames(names).map(each => [each, file]),
    ),
  );
}

/** @param {string} names what stands between the braces @returns {readonly string[]} without types */
function listNames(names) {
  return names
    .split(',')
    .map(each => each.trim())
    .filter(each => each !== '' && !each.startsWith('type '));
}
