// Many inputs: whatever ours accepts, the oracles accept, with the same signers. What ours refuses is shown to them now
// and then, to say how much stricter ours is; that is not asserted.

import { findDifference } from './differences.ts';
import { FAMILY_NAMES, generate } from './generate.ts';
import { digestOf, type Input } from './input.ts';
import type { Oracle } from './oracles/oracle.ts';
import { type Outcome, verifyWithOurs } from './ours.ts';

export interface RunOptions {
  readonly seed: string;
  readonly inputs: number;
  readonly oracles: readonly Oracle[];
  /** Milliseconds since 1970. The oracles use the clock of this machine. */
  readonly time: number;
  /** One refused input in so many is shown to the oracles. */
  readonly sample: number;
}

export interface Report {
  /** Sentences, each with the number that makes the input again. */
  readonly problems: readonly string[];
  readonly crashes: readonly string[];
  /** By family: inputs, different ones, accepted by ours. */
  readonly families: Readonly<Record<string, { inputs: number; distinct: number; accepted: number }>>;
  /** By code of ours. */
  readonly codes: Readonly<Record<string, number>>;
  /** By reason. */
  readonly differences: Readonly<Record<string, number>>;
  /** Refused by ours and shown to the oracles; how many of them each accepts. */
  readonly refused: Readonly<Record<string, number>>;
  /** The longest that ours took for one input, in milliseconds. */
  readonly slowest: number;
}

const AT_ONCE = 8;

export async function runInputs({ seed, inputs, oracles, time, sample }: RunOptions): Promise<Report> {
  const seen = new Set<string>();
  const families = Object.fromEntries(
    FAMILY_NAMES.map(name => [name, { inputs: 0, distinct: 0, accepted: 0 }]),
  );
  const [codes, differences, refused] = [counter(), counter(), counter()];
  const [problems, crashes]: [string[], string[]] = [[], []];
  const waiting = new Set<Promise<void>>();
  let slowest = 0;
  for (let number = 0; number < inputs; number += 1) {
    const { family, input } = generate(seed, number);
    const counts = families[family] as (typeof families)[string];
    counts.inputs += 1;
    const digest = digestOf(input);
    if (seen.has(digest)) continue;
    seen.add(digest);
    counts.distinct += 1;
    const start = performance.now();
    let outcome: Outcome;
    try {
      outcome = verifyWithOurs(input, time);
    } catch (error) {
      crashes.push(`${seed} ${number} (${family}): ${String(error)}`);
      continue;
    }
    slowest = Math.max(slowest, performance.now() - start);
    if (outcome.signers === undefined) codes.add(outcome.code);
    else counts.accepted += 1;
    const isSampled = number % sample === 0;
    if (outcome.read.every(each => each === undefined) && !isSampled) continue;
    const work = judge(input, outcome, isSampled).finally(() => waiting.delete(work));
    waiting.add(work);
    if (waiting.size >= AT_ONCE) await Promise.race(waiting);

    async function judge(shown: Input, ours: Outcome, sampled: boolean): Promise<void> {
      for (const oracle of oracles) {
        for (const { said, problem } of await compare(oracle, shown, ours)) {
          const difference = findDifference(oracle.name, said);
          if (difference === undefined) problems.push(`${seed} ${number} (${family}): ${problem}`);
          else differences.add(`${oracle.name}: ${difference.reason}`);
        }
        if (ours.signers !== undefined || !sampled) continue;
        refused.add('shown');
        if ((await oracle.verify(shown)).signers !== undefined) refused.add(`accepted by ${oracle.name}`);
      }
    }
  }
  await Promise.all(waiting);
  return {
    problems,
    crashes,
    families,
    codes: codes.all,
    differences: differences.all,
    refused: refused.all,
    slowest,
  };
}

interface Disagreement {
  readonly said: string;
  readonly problem: string;
}

async function compare(oracle: Oracle, input: Input, ours: Outcome): Promise<readonly Disagreement[]> {
  if (ours.signers !== undefined) {
    const expected = ours.signers
      .map(signer => signer[oracle.names].slice(-16))
      .toSorted()
      .join();
    const { signers, said } = await oracle.verify(input);
    if (signers?.toSorted().join() === expected) return [];
    const problem = `ours accepts by ${expected}, ${oracle.name} ${signers === undefined ? 'refuses' : `accepts by ${signers.join()}`}: ${said}`;
    return [{ said, problem }];
  }
  if (oracle.read === undefined) return [];
  const disagreements: Disagreement[] = [];
  for (const [at, certificate] of input.certificates.entries()) {
    const expected = ours.read[at];
    if (expected === undefined) continue;
    const read = await oracle.read(certificate);
    if (read === expected) continue;
    const said = `reads ${read ?? 'nothing'}`;
    disagreements.push({ said, problem: `certificate ${expected}: ${oracle.name} ${said}` });
  }
  return disagreements;
}

function counter(): { readonly all: Record<string, number>; add: (name: string) => void } {
  const all: Record<string, number> = {};
  return { all, add: name => (all[name] = (all[name] ?? 0) + 1) };
}

export function formatReport({
  families,
  codes,
  differences,
  refused,
  slowest,
  problems,
  crashes,
}: Report): string {
  const rows = Object.entries(families).map(
    ([name, { inputs, distinct, accepted }]) =>
      `  ${name.padEnd(26)} ${String(inputs).padStart(7)} ${String(distinct).padStart(9)} ${String(accepted).padStart(9)}`,
  );
  return [
    '  family                      inputs  distinct  accepted',
    ...rows,
    `  refused by ours: ${list(codes)}`,
    `  of those, shown to the oracles: ${list(refused)}`,
    `  differences that are allowed: ${list(differences) || 'none'}`,
    `  ${problems.length} problems, ${crashes.length} crashes, slowest ${slowest.toFixed(0)} ms`,
  ].join('\n');
}

function list(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}
