// @ts-check
// Checks the direction of every dependency and of every import against layers.mjs, and that what is imported is declared.
//
//   layers: packages/metadata: imports @cargo-tuf/client of layer do, expected a layer below formats
import { pathToFileURL } from 'node:url';
import { LAYERS, PACKAGES, SIDEWAYS } from './layers.mjs';
import { readWorkspace } from './workspace.mjs';

/** @typedef {import('./workspace.mjs').Package} Package */

/** Every broken rule, one sentence each. @param {readonly Package[]} workspace @param {readonly string[]} built */
export function findProblems(workspace, built) {
  const names = new Set(workspace.map(each => each.name));
  return [
    ...Object.keys(PACKAGES)
      .filter(name => !names.has(name))
      .map(name => `tools/layers/layers.mjs: ${name} has no folder`),
    ...workspace.flatMap(each => problemsOf(each, names, built).map(problem => `${each.folder}: ${problem}`)),
  ];
}

/** @param {Package} each @param {ReadonlySet<string>} names @param {readonly string[]} built @returns {string[]} */
function problemsOf(each, names, built) {
  const place = PACKAGES[each.name];
  if (!place) return [`${each.name} has no layer in tools/layers/layers.mjs`];
  const problems = [];
  if (!built.includes(each.folder)) problems.push('is missing from the references of tsconfig.json');
  if (place.pure && each.types.length > 0)
    problems.push(`tsconfig.json has types [${each.types.join()}], expected none: the package is pure`);

  // A program carries its dependencies inside, so they are devDependencies.
  const declared =
    place.layer === 'apps' ? [...each.dependencies, ...each.devDependencies] : each.dependencies;
  const own = declared.filter(name => names.has(name));
  for (const name of own) {
    const wrong = wrongDirection(each.name, name);
    if (wrong) problems.push(`depends on ${wrong}`);
  }
  for (const { file, name } of each.imports) {
    if (name === each.name || declared.includes(name)) continue;
    problems.push(`${file} imports ${name}, which its package.json does not name`);
  }
  const imported = new Set(
    each.imports.map(({ name }) => name).filter(name => name !== each.name && names.has(name)),
  );
  for (const name of imported)
    if (!each.references.includes(name))
      problems.push(`tsconfig.json has no reference to ${name}, which it imports`);
  for (const name of each.references)
    if (!imported.has(name)) problems.push(`tsconfig.json refers to ${name}, which it does not import`);
  return problems;
}

/** @param {string} from @param {string} to */
function wrongDirection(from, to) {
  const [above, below] = [PACKAGES[from], PACKAGES[to]];
  if (!above || !below) return undefined;
  if (LAYERS.indexOf(below.layer) < LAYERS.indexOf(above.layer)) return undefined;
  if (below.layer === above.layer && SIDEWAYS[from]?.[to]) return undefined;
  return `${to} of layer ${below.layer}, expected a layer below ${above.layer}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { packages, built } = readWorkspace();
  const problems = findProblems(packages, built);
  for (const problem of problems) console.error(`layers: ${problem}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
