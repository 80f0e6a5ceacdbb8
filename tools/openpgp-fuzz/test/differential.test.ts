// Whatever ours accepts, gpg, sqv and openpgp.js accept. CARGO_TUF_FUZZ_INPUTS says how many inputs, CARGO_TUF_FUZZ_SEED which.
// A failure names the seed and the number of its input.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, describe, expect, it } from 'vitest';
import { DIFFERENCES } from '../differences.ts';
import type { Oracle } from '../oracles/oracle.ts';
import { openOpenPgpJs } from '../oracles/openpgp-js.ts';
import { openGpg, openSqv } from '../oracles/programs.ts';
import { verifyWithOurs } from '../ours.ts';
import { runInputs } from '../run.ts';

const INPUTS = Number(process.env['CARGO_TUF_FUZZ_INPUTS'] ?? 2_000);
const SEED = process.env['CARGO_TUF_FUZZ_SEED'] ?? 'openpgp';
/** Far more than any input needs, on a machine with other work. */
const SLOW = 2_000;

const folder = mkdtempSync(`${tmpdir()}/of-`);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const oracles = new Map(
  [found('gpg', openGpg(folder)), found('sqv', openSqv(folder)), openOpenPgpJs()].flatMap(oracle =>
    oracle === undefined ? [] : [[oracle.name, oracle] as const],
  ),
);

function found(name: string, oracle: Oracle | undefined): Oracle | undefined {
  if (oracle === undefined) console.log(`skipped: ${name} as a witness: it is not on this machine`);
  return oracle;
}

describe(`what ours accepts, ${[...oracles.values()].map(({ name, version }) => `${name} ${version}`).join(', ')} accept`, () => {
  it(`${INPUTS} inputs of seed ${SEED}`, async () => {
    const report = await runInputs({
      seed: SEED,
      inputs: INPUTS,
      oracles: [...oracles.values()],
      time: Date.now(),
      sample: 100,
    });
    console.log(report.format());
    expect(report.crashes).toEqual([]);
    expect(report.problems.slice(0, 20)).toEqual([]);
    expect(report.slowest).toBeLessThan(SLOW);
    // Where nothing is accepted, nothing is tested.
    expect(report.accepted).toBeGreaterThan(INPUTS / 10);
    for (const [family, { accepted }] of report.families)
      if (INPUTS >= 10_000) expect(accepted, family).toBeGreaterThan(0);
  }, 7_200_000);

  it.each(DIFFERENCES)('but $oracle: $reason', async ({ oracle: name, says, example }) => {
    const oracle = oracles.get(name);
    if (oracle === undefined) return;
    const time = Date.now();
    const input = example(time / 1000);
    expect(verifyWithOurs(input, time).code).toBe('ok');
    const { signers, said } = await oracle.verify(input);
    expect(signers).toBeUndefined();
    expect(said).toMatch(says);
  });
});
