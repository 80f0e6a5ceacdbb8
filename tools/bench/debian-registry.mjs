// @ts-check
// The crates of Debian's packages as a signed registry and as a plain one, and the project of about 120 of them.

import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { importSource } from './import-source.mjs';
import { startServer } from './latency-server.mjs';
import { run } from './measure.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** @typedef {{ repository: string, project: string, program: string }} Prepared */

/** Throws where Debian's packages are not installed. @param {string} folder @returns {Promise<Prepared>} */
export async function prepareRegistry(folder) {
  const { hasDebianCrates, packDebianCrates } = await importSource('tools/fixtures/debian-crates.ts');
  const { writeProject } = await importSource('tools/fixtures/debian-project.ts');
  if (!(await hasDebianCrates())) {
    throw new Error(
      "proxy: Debian's crates are not installed; tools/fixtures/debian-crates.txt names the packages",
    );
  }
  const [crates, registry, project] = [`${folder}/crates`, `${folder}/registry`, `${folder}/project`];
  await packDebianCrates(crates);
  const admin = `${ROOT}apps/tuf-admin/dist/main.js`;
  await run('node', [admin, 'init', registry, '--dl', 'https://crates.example/crates', '--unencrypted-keys']);
  await run('node', [admin, 'publish', registry, '--crates', crates]);
  await writeProject(project);
  const repository = `${registry}/public`;
  const plain = await servePlain(repository, {});
  await run('cargo', ['generate-lockfile', ...plainSource(plain.url)], {
    cwd: project,
    env: { CARGO_HOME: `${folder}/lock-home` },
  });
  plain.close();
  return { repository, project, program: `${ROOT}apps/cargo-tuf/dist/main.js` };
}

/** The published files. @param {string} repository @param {import('./latency-server.mjs').ServerOptions} options */
export async function serveMirror(repository, options) {
  return startServer(path => readFile(`${repository}/${path}`).catch(() => null), options);
}

/** The same index and archives as a registry without signatures serves them. @type {typeof serveMirror} */
export async function servePlain(repository, options) {
  const entries = await indexFiles(repository);
  let url = '';
  const server = await startServer(async path => {
    if (path === 'index/config.json')
      return Buffer.from(JSON.stringify({ dl: `${url}crates/{crate}/{crate}-{version}.crate` }));
    const file = path.startsWith('index/') ? entries.get(path.slice('index/'.length)) : path;
    return file === undefined ? null : readFile(`${repository}/${file}`).catch(() => null);
  }, options);
  url = server.url;
  return server;
}

/** Arguments of cargo. @param {string} url */
export function plainSource(url) {
  const settings = ['source.crates-io.replace-with="plain"', `source.plain.registry="sparse+${url}index/"`];
  return settings.flatMap(setting => ['--config', setting]);
}

/** Index paths to files: a target is `<sha256>.<name>`. @param {string} repository */
async function indexFiles(repository) {
  const files = new Map();
  for (const entry of await readdir(`${repository}/targets`, { recursive: true, withFileTypes: true })) {
    const folder = entry.parentPath.slice(repository.length + 1);
    if (entry.isFile())
      files.set(`${folder.slice('targets/'.length)}/${entry.name.slice(65)}`, `${folder}/${entry.name}`);
  }
  return files;
}
