import { describe, expect, it } from 'vitest';
import { findProblems } from '../check.mjs';
import { LAYERS, PACKAGES, SIDEWAYS } from '../layers.mjs';
import { readWorkspace } from '../workspace.mjs';

const { packages, built } = readWorkspace();

/** The problems that appear when one package of this checkout is described otherwise. */
function problemsWith(name: string, change: object): readonly string[] {
  const before = findProblems(packages, built);
  const changed = packages.map(each => (each.name === name ? { ...each, ...change } : each));
  return findProblems(changed, built).filter(problem => !before.includes(problem));
}

function packageNamed(name: string) {
  const found = packages.find(each => each.name === name);
  if (!found) throw new Error(`${name}: no such package`);
  return found;
}

describe('the layer check refuses', () => {
  it('a dependency that points up', () => {
    const dependencies = [...packageNamed('@cargo-tuf/keys').dependencies, '@cargo-tuf/metadata'];
    expect(problemsWith('@cargo-tuf/keys', { dependencies })).toEqual([
      'packages/keys: depends on @cargo-tuf/metadata of layer formats, expected a layer below atoms',
    ]);
  });

  it('a dependency within one layer without a reason', () => {
    const dependencies = [...packageNamed('@cargo-tuf/client').dependencies, '@cargo-tuf/repository'];
    expect(problemsWith('@cargo-tuf/client', { dependencies })).toEqual([
      'packages/client: depends on @cargo-tuf/repository of layer do, expected a layer below do',
    ]);
  });

  it('an import that package.json does not name', () => {
    const imports = [...packageNamed('@cargo-tuf/keys').imports, { file: 'a.ts', name: 'undici' }];
    expect(problemsWith('@cargo-tuf/keys', { imports })).toEqual([
      'packages/keys: a.ts imports undici, which its package.json does not name',
    ]);
  });

  it('ambient types in a pure package', () => {
    expect(problemsWith('@cargo-tuf/keys', { types: ['node'] })).toEqual([
      'packages/keys: tsconfig.json has types [node], expected none: the package is pure',
    ]);
  });

  it('a reference that the compiler does not need, and the lack of one that it needs', () => {
    expect(problemsWith('@cargo-tuf/keys', { references: [] })).toEqual([
      'packages/keys: tsconfig.json has no reference to @cargo-tuf/errors, which it imports',
    ]);
    const references = ['@cargo-tuf/errors', '@cargo-tuf/metadata'];
    expect(problemsWith('@cargo-tuf/keys', { references })).toEqual([
      'packages/keys: tsconfig.json refers to @cargo-tuf/metadata, which it does not import',
    ]);
  });

  it('a package without a layer, and a layer without a package', () => {
    expect(problemsWith('@cargo-tuf/signers', { name: '@cargo-tuf/other' })).toEqual(
      expect.arrayContaining([
        'tools/layers/layers.mjs: @cargo-tuf/signers has no folder',
        'packages/signers: @cargo-tuf/other has no layer in tools/layers/layers.mjs',
      ]),
    );
  });

  it('a package that the root tsconfig does not build', () => {
    const problems = findProblems(
      packages,
      built.filter(folder => folder !== 'packages/keys'),
    );
    expect(problems).toContain('packages/keys: is missing from the references of tsconfig.json');
  });
});

it('every layer of the table exists, and every sideways import stays in its layer', () => {
  for (const { layer } of Object.values(PACKAGES)) expect(LAYERS).toContain(layer);
  for (const [from, others] of Object.entries(SIDEWAYS))
    for (const to of Object.keys(others)) expect(PACKAGES[to]?.layer).toBe(PACKAGES[from]?.layer);
});

it('imports are found in sources, with subpaths cut and Node left out', () => {
  const names = packageNamed('@cargo-tuf/keys').imports.map(each => each.name);
  expect(new Set(names)).toEqual(
    new Set(['@cargo-tuf/errors', '@noble/curves', '@noble/ed25519', '@noble/hashes']),
  );
});
