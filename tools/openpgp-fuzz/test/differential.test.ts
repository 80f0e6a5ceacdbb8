// Whatever ours accepts, gpg, sqv and openpgp.js accept. CARGO_TUF_FUZZ_INPUTS says how many inputs, CARGO_TUF_FUZZ_SEED which.

import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, expect, it } from 'vitest';
import type { Oracle } from '../oracles/oracle.ts';
import { openOpenPgpJs } from '../oracles/openpgp-js.ts';
import { openGpg, openSqv } from '../oracles/programs.ts';
import { runInputs } from '../run.ts';

const INPUTS = Number(process.env['CARGO_TUF_FUZZ_INPUTS'] ?? 4_000);
const SEED = process.env['CARGO_TUF_FUZZ_SEED'] ?? 'openpgp-1';

const folder = mkdtempSync(`${tmpdir()}/of-`);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const oracles = [
  found('gpg', openGpg(folder)),
  found('sqv', openSqv(folder)),
  openOpenPgpJs(),
].filter(each => each !== undefined);

function found(name: string, oracle: Oracle | undefined): Oracle | undefined {
  if (oracle === undefined) console.log(`skipped: ${name} as a witness: it is not on this machine`);
  return oracle;
}

it(`${INPUTS} inputs of seed ${SEED}: what ours accepts, ${oracles.map(({ name, version }) => `${name} ${version}`).join(', ')} accept`, async () => {
  const report = await runInputs({ seed: SEED, inputs: INPUTS, oracles, time: Date.now(), sample: 100 });
  const { problems, crashes, families, codes, differences, refused, slowest } = report;
  console.log(`seed ${SEED}, ${INPUTS} inputs, slowest ${slowest.toFixed(0)} ms`);
  console.table(families);
  console.log(JSON.stringify({ codes, differences, refused, problems: problems.length }, null, 1));
  require('node:fs').writeFileSync('/tmp/wc/problems.json', JSON.stringify(problems));
  expect(crashes).toEqual([]);
  expect(problems.slice(0, 1)).toEqual([]);
}, 3_600_000);
