// @ts-check
// Signed commits: ours in one process, against one `git verify-commit` of all, and against gpgv for each.

import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { signedPayload } from '@cargo-tuf/git-object';
import { openGitRepository } from '@cargo-tuf/git-transport';
import { formatCertificate } from '@cargo-tuf/openpgp';
import { milliseconds } from './alternate.mjs';
import { median, run, withFolder } from './measure.mjs';
import { makeIdentity, makeSignedCommits } from './signed-index.mjs';

/** @typedef {import('./index-run.mjs').Times} Times */

export const INDEX_RUN = fileURLToPath(new URL('./index-run.mjs', import.meta.url));
const COMMITS = 200;
/** Runs of the same that a warm process has behind it. */
const WARM = 10;

/** @param {{ runs?: number }} [options] @returns {Promise<import('./measure.mjs').Row[]>} */
export function benchCommits({ runs = 7 } = {}) {
  return withFolder('commits', async folder => {
    const identity = await makeIdentity();
    const ids = await makeSignedCommits(`${folder}/index.git`, COMMITS, identity);
    const certificate = formatCertificate(identity.certificate);
    const task = { folder: `${folder}/index.git`, ids, certificate };
    await writeFile(`${folder}/fresh.json`, JSON.stringify(task));
    await writeFile(`${folder}/warm.json`, JSON.stringify({ ...task, warm: WARM }));
    const env = await prepareGpg(folder, certificate);
    await splitCommits(folder, ids);
    const ours = async (/** @type {string} */ options) =>
      JSON.parse(await run(process.execPath, [INDEX_RUN, 'commits', `${folder}/${options}.json`]));
    const each = `for n in $(seq 0 ${COMMITS - 1}); do gpgv -q --keyring ${folder}/key.gpg ${folder}/c/$n.sig ${folder}/c/$n || exit 1; done`;
    /** @type {Readonly<Record<string, () => Promise<Times>>>} */
    const programs = {
      'fresh process': () => ours('fresh'),
      'warm process': () => ours('warm'),
      'one git verify-commit': () => timeProgram(`git -C ${task.folder} verify-commit ${ids.join(' ')}`, env),
      'gpgv for each': () => timeProgram(each, env),
    };
    /** @type {Record<string, Times[]>} */
    const samples = Object.fromEntries(Object.keys(programs).map(name => [name, []]));
    for (let at = 0; at < runs; at++)
      for (const [name, program] of Object.entries(programs)) samples[name]?.push(await program());
    return ['one git verify-commit', 'gpgv for each'].flatMap(theirs =>
      ['fresh process', 'warm process'].map(name => rowOf(name, theirs, samples)),
    );
  });
}

/** @param {string} name @param {string} theirs @param {Record<string, Times[]>} samples @returns {import('./measure.mjs').Row} */
function rowOf(name, theirs, samples) {
  const [ours, other] = [samples[name] ?? [], samples[theirs] ?? []];
  const wall = (/** @type {readonly Times[]} */ list) => median(list.map(each => each.wall));
  const cpu = (/** @type {readonly Times[]} */ list) => median(list.map(each => each.cpu));
  return {
    case: `${COMMITS} signed commits, ${name}`,
    ours: milliseconds(wall(ours)),
    reference: `${milliseconds(wall(other))}, ${theirs}`,
    ratio: wall(ours) / wall(other),
    ...(theirs.includes('git') && { goal: 1 / 20 }),
    notes: `CPU ${milliseconds(cpu(ours))} against ${milliseconds(cpu(other))}; ${(wall(other) / wall(ours)).toFixed(1)} times as fast, by CPU ${(cpu(other) / cpu(ours)).toFixed(1)}`,
    samples: { ours, theirs: other },
  };
}

/** A home of gpg that has the key. Its path is short, since an agent's socket would lie in it. @param {string} folder @param {string} certificate */
async function prepareGpg(folder, certificate) {
  const env = { GNUPGHOME: `${folder}/g` };
  await mkdir(env.GNUPGHOME, { mode: 0o700 });
  await writeFile(`${folder}/key.asc`, certificate);
  await run('gpg', ['--batch', '--quiet', '--no-autostart', '--import', `${folder}/key.asc`], { env });
  await run(
    'gpg',
    ['--batch', '--quiet', '--output', `${folder}/key.gpg`, '--dearmor', `${folder}/key.asc`],
    { env },
  );
  return env;
}

/** The payload and the signature of each, for gpgv. @param {string} folder @param {readonly import('@cargo-tuf/git-object').ObjectId[]} ids */
async function splitCommits(folder, ids) {
  const repository = await openGitRepository(`${folder}/index.git`);
  await mkdir(`${folder}/c`);
  for (const [at, id] of ids.entries()) {
    const { payload, signature } = signedPayload('commit', (await repository.read(id)).bytes, 'sha1');
    await writeFile(`${folder}/c/${at}`, payload);
    await writeFile(`${folder}/c/${at}.sig`, signature ?? '');
  }
  repository.close();
}

/** @param {string} command @param {Record<string, string>} env @returns {Promise<Times>} with the CPU of all that it starts */
async function timeProgram(command, env) {
  const start = performance.now();
  const out = await run('bash', ['-c', `{ ${command}; } >/dev/null 2>&1 || exit 1; times`], { env });
  const wall = performance.now() - start;
  const [, children = ''] = out.split('\n');
  const seconds = [...children.matchAll(/(\d+)m([\d.,]+)s/g)].map(
    ([, minutes, rest]) => Number(minutes) * 60 + Number(rest),
  );
  return { wall, cpu: 1000 * seconds.reduce((sum, each) => sum + each, 0) };
}
