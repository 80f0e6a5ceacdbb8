// The main job in ten lines: keys, a signed registry, a verified lookup, a refused tampering; with cargo, a build. Everything
// lies in `quickstart-output`; nothing runs when it ends.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { encodeCrate } from '@cargo-tuf/crate-archive';

const root = fileURLToPath(new URL('../..', import.meta.url));
const output = `${root}quickstart-output`;
const registry = `${output}/registry`;
const admin = `${root}apps/tuf-admin/dist/main.js`;
const cargoTuf = `${root}apps/cargo-tuf/dist/main.js`;

let line = 0;
const tell = text => console.log(`${String((line += 1)).padStart(2)}  ${text}`);

/** Runs one of our programs, or cargo, in a home of its own. `fails`: it must fail. */
function run(command, args, { home = 'developer', cwd = output, fails = false } = {}) {
  const environment = {
    ...process.env,
    CARGO_HOME: `${output}/${home}/cargo-home`,
    CARGO_TARGET_DIR: `${output}/${home}/target`,
    CARGO_TERM_COLOR: 'never',
    CARGO_TUF_DISABLE: '',
  };
  const ended = spawnSync(command, args, { cwd, env: environment, encoding: 'utf8', timeout: 120_000 });
  if (ended.error || (ended.status === 0) === fails) {
    throw new Error(`${args.join(' ')}\n${ended.stdout}${ended.stderr}${ended.error ?? ''}`);
  }
  return ended;
}
const node = (program, args, options) => run(process.execPath, [program, ...args], options);

function packCrates(folder) {
  mkdirSync(folder, { recursive: true });
  const sources = fileURLToPath(new URL('crates', import.meta.url));
  for (const each of readdirSync(sources)) {
    const [, name, version] = /^(.*)-([0-9.]+)$/.exec(each);
    const files = ['Cargo.toml', 'src/lib.rs'].map(path => [
      path,
      readFileSync(`${sources}/${each}/${path}`),
    ]);
    writeFileSync(`${folder}/${each}.crate`, encodeCrate(name, version, new Map(files)));
  }
}

/** Starts the static server of tuf-admin and waits for its address. */
function serve() {
  return new Promise((resolve, reject) => {
    const server = spawn(process.execPath, [admin, 'serve', registry, '--port', '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    server.once('error', reject);
    server.once('exit', () => reject(new Error('tuf-admin serve ended')));
    server.stdout.once('data', chunk => resolve({ server, url: String(chunk).split('\n')[0] }));
  });
}

function trust(url, fingerprint, home) {
  const rootFile = `${registry}/public/metadata/1.root.json`;
  node(
    cargoTuf,
    ['trust', 'add', 'crates-io', '--root', rootFile, '--mirror', url, '--fingerprint', fingerprint],
    { home },
  );
}

function writeProject(folder) {
  mkdirSync(`${folder}/src`, { recursive: true });
  writeFileSync(
    `${folder}/Cargo.toml`,
    '[package]\nname = "hello"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\ngreeting = "1"\nfarewell = "0.1"\n\n[workspace]\n',
  );
  writeFileSync(
    `${folder}/src/main.rs`,
    'fn main() {\n    println!("{}", greeting::greet("crates"));\n    println!("{}", farewell::leave());\n}\n',
  );
}

function tamper(folder, change) {
  const [name] = readdirSync(folder);
  const before = readFileSync(`${folder}/${name}`);
  writeFileSync(`${folder}/${name}`, change(before));
  return () => writeFileSync(`${folder}/${name}`, before);
}

const said = (text, pattern) => pattern.exec(text)?.[0].replaceAll(/\s+/g, ' ') ?? text.trim();

const cargo = spawnSync('cargo', ['--version'], { encoding: 'utf8' });
const hasCargo = cargo.status === 0 && Number(/^cargo 1\.([0-9]+)/.exec(cargo.stdout)?.[1]) >= 68;
let server;

try {
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output);
  node(admin, ['init', registry, '--dl', 'https://crates.example/crates', '--unencrypted-keys']);
  tell('tuf-admin init: made six keys and signed an empty registry (quickstart-output/registry)');
  packCrates(`${output}/crates`);
  node(admin, ['publish', registry, '--crates', `${output}/crates`]);
  tell('tuf-admin publish: signed 4 versions of 3 crates; the mirror is plain files');
  const { fingerprint } = JSON.parse(node(admin, ['root', registry, '--json']).stdout);
  const started = await serve();
  server = started.server;
  trust(started.url, fingerprint, 'developer');
  tell(
    `cargo tuf trust add: a developer trusts root ${fingerprint.slice(0, 16)}… with the mirror ${started.url}`,
  );
  const chain = node(cargoTuf, ['explain', 'greeting@1.1.0']).stdout;
  tell(
    `cargo tuf explain: verified lookup, ${said(chain, /greeting-1\.1\.0\.crate +the entry states sha256 [0-9a-f]{16}/)}…`,
  );
  node(cargoTuf, ['download', 'greeting@1.1.0']);
  tell('cargo tuf download: greeting-1.1.0.crate, checked against the signed index');
  const restoreArchive = tamper(`${registry}/public/crates/farewell`, bytes =>
    bytes.map((byte, at) => (at === 40 ? byte ^ 1 : byte)),
  );
  const refused = node(cargoTuf, ['download', 'farewell@0.1.0'], { fails: true }).stderr;
  restoreArchive();
  tell(
    `one bit of farewell-0.1.0.crate changed on the mirror: refused, ${said(refused, /sha256 [0-9a-f]{16}/)}… is not what was signed`,
  );
  if (hasCargo) buildWithCargo(started.url, fingerprint);
  else {
    tell('no cargo 1.68 or later here: the build with the unmodified cargo was left out');
    rmSync(`${output}/developer`, { recursive: true });
    tell('install cargo and run this again to see a verified build');
  }
  const checked = JSON.parse(node(admin, ['verify', registry, '--json']).stdout);
  tell(
    `tuf-admin verify: a client without memory reads the whole registry (${checked.entries ?? checked.crates ?? 3} crates), all as signed`,
  );
  tell('done; everything lies in quickstart-output, and nothing is left running');
} catch (error) {
  console.error(`quickstart failed: ${error.message}`);
  process.exitCode = 1;
} finally {
  server?.removeAllListeners('exit');
  server?.kill();
}

function buildWithCargo(url, fingerprint) {
  const project = `${output}/project`;
  writeProject(project);
  const built = node(cargoTuf, ['run', '--quiet'], { cwd: project }).stdout.trim().replace('\n', ', ');
  tell(
    `cargo tuf run: ${cargo.stdout.trim().split(' ').slice(0, 2).join(' ')}, unmodified, built and ran it: "${built}"`,
  );
  trust(url, fingerprint, 'fresh');
  cpSync(project, `${output}/fresh/project`, { recursive: true });
  rmSync(`${output}/fresh/project/Cargo.lock`);
  const restore = tamper(`${registry}/public/targets/wo/rd`, bytes =>
    Buffer.from(String(bytes).replace('"yanked":false', '"yanked":true ')),
  );
  const refusal = node(cargoTuf, ['build'], { home: 'fresh', cwd: `${output}/fresh/project`, fails: true });
  restore();
  tell(
    `index entry of wording changed on the mirror: cargo exits with ${refusal.status} and says "${said(refusal.stderr, /cargo-tuf refused wording: wo\/rd\/wording: [^,]{0,40}/)}…"`,
  );
}
