// Many inputs: whatever ours accepts, the oracles accept, with the same signers. What ours refuses is shown to them now
// and then, to say how much stricter ours is; that is not asserted.

import { findDifference } from './differences.ts';
import { generate } from './generate.ts';
import { digestOf, type Input } from './input.ts';
import type { Oracle } from './oracles/oracle.ts';
import { type Outcome, verifyWithOurs } from './ours.ts';
import { Report } from './report.ts';

export interface RunOptions {
  readonly seed: string;
  readonly inputs: number;
  readonly oracles: readonly Oracle[];
  /** Milliseconds since 1970. The oracles use the clock of this machine. */
  readonly time: number;
  /** One refused input in so many is shown to the oracles. */
  readonly sample: number;
}

const AT_ONCE = 8;

export async function runInputs({ seed, inputs, oracles, time, sample }: RunOptions): Promise<Report> {
  const report = new Report();
  const seen = new Set<string>();
  const waiting = new Set<Promise<void>>();
  for (let number = 0; number < inputs; number += 1) {
    const { family, input } = generate(seed, number);
    const name = `${seed} ${number} (${family})`;
    const counts = report.families.get(family) ?? { inputs: 0, distinct: 0, accepted: 0 };
    counts.inputs += 1;
    const digest = digestOf(input);
    if (seen.has(digest)) continue;
    seen.add(digest);
    counts.distinct += 1;
    const ours = verifyTimed(input, time, name, report);
    if (ours === undefined) continue;
    if (ours.signers === undefined) report.codes.add(ours.code);
    else counts.accepted += 1;
    const isShown = ours.signers === undefined && number % sample === 0;
    if (!isShown && ours.read.every(each => each === undefined)) continue;
    const work: Promise<void> = judge(oracles, input, ours, name, report)
      .then(() => (isShown ? show(oracles, input, report) : undefined))
      .finally(() => waiting.delete(work));
    waiting.add(work);
    if (waiting.size >= AT_ONCE) await Promise.race(waiting);
  }
  await Promise.all(waiting);
  return report;
}

/** Undefined for a crash. */
function verifyTimed(input: Input, time: number, name: string, report: Report): Outcome | undefined {
  const start = performance.now();
  try {
    return verifyWithOurs(input, time);
  } catch (error) {
    report.crashes.push(`${name}: ${String(error)}`);
    return undefined;
  } finally {
    report.slowest = Math.max(report.slowest, performance.now() - start);
  }
}

async function judge(
  oracles: readonly Oracle[],
  input: Input,
  ours: Outcome,
  name: string,
  report: Report,
): Promise<void> {
  for (const oracle of oracles) {
    for (const { said, problem } of await compare(oracle, input, ours)) {
      const difference = findDifference(oracle.name, said);
      if (difference === undefined) report.problems.push(`${name}: ${problem}`);
      else report.differences.add(`${oracle.name}: ${difference.reason}`);
    }
  }
}

async function show(oracles: readonly Oracle[], input: Input, report: Report): Promise<void> {
  report.refused.add('shown');
  for (const oracle of oracles)
    if ((await oracle.verify(input)).signers !== undefined) report.refused.add(`accepted by ${oracle.name}`);
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
