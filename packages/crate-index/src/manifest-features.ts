// Features in two parts. Cargo before 1.60 cannot read `dep:serde` or `serde?/std`; lines keep such features, and those
// that enable them, in `features2` (RFC 3143).

import { type Manifest, entriesOf, memberOf, tableOf, textListOf } from './toml-table.ts';

export type Features = ReadonlyMap<string, readonly string[]>;

/** Both parts sorted by name. */
export function manifestFeatures(manifest: Manifest): { features: Features; features2: Features } {
  const table = memberOf(manifest, 'features');
  const all = table === undefined ? [] : entriesOf(tableOf(table, 'features'));
  const sorted = all
    .map(([name, uses]) => [name, textListOf(uses, `features.${name}`)] as const)
    .sort(([left], [right]) => (left < right ? -1 : 1));
  const second = namesOfSecondPart(sorted);
  return {
    features: new Map(sorted.filter(([name]) => !second.has(name))),
    features2: new Map(sorted.filter(([name]) => second.has(name))),
  };
}

/** Features that use the later syntax, and everything that reaches one of them, in time linear in the uses. */
function namesOfSecondPart(features: readonly (readonly [string, readonly string[]])[]): ReadonlySet<string> {
  const usersOf = new Map<string, string[]>();
  const pending: string[] = [];
  for (const [name, uses] of features) {
    if (uses.some(use => use.startsWith('dep:') || use.includes('?/'))) pending.push(name);
    for (const use of uses) {
      const users = usersOf.get(use);
      if (users === undefined) usersOf.set(use, [name]);
      else users.push(name);
    }
  }
  const reached = new Set<string>();
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    pending.push(...(usersOf.get(name) ?? []));
  }
  return reached;
}
