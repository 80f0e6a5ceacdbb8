// crates.io is trusted through the signed releases: its roots count where `crates-root` lists them, and where they follow each
// other. The unmodified cargo is told why it gets nothing; what is built already keeps working; the next honest state is taken.

import { HonestRepository, SimulatedClock } from '@cargo-tuf/simulator';
import { publishCratesRoot } from '@cargo-tuf/repository';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeProject } from '../../../../tools/fixtures/debian-project.ts';
import { type Mirror, startMirror } from '../../../../tools/fixtures/mirror-server.ts';
import { buildReleaseServer, type ReleaseServer } from '../../../../tools/fixtures/releases.ts';
import { archivesOf, entriesOf, SMALL_CRATES } from '../../../../tools/fixtures/small-registry.ts';
import { Developer } from './developer.ts';
import { hasCargo, NO_CARGO } from './tools.ts';

let folder: string;
let releases: ReleaseServer;
let crates: HonestRepository;
let served: ReadonlyMap<string, Uint8Array>;
let mirror: Mirror;
let developer: Developer;

const rootOf = ({ files }: HonestRepository, version: number): Uint8Array =>
  files.get(`metadata/${version}.root.json`) as Uint8Array;

async function fill(repository: HonestRepository): Promise<void> {
  await repository.publish({ entries: await entriesOf(SMALL_CRATES) });
  for (const [path, bytes] of archivesOf(SMALL_CRATES)) repository.files.set(path, bytes);
}

/** A build whose caches know nothing: every crate is asked for. */
async function build(): Promise<{ readonly code: number; readonly stderr: string }> {
  await rm(`${developer.cargoHome}/registry`, { recursive: true, force: true });
  return developer.tuf(['build']);
}

async function refused(code: string, says: RegExp): Promise<void> {
  const ended = await build();
  expect(ended.stderr).toContain(code);
  expect(ended.stderr.replaceAll(/\s+/g, ' ')).toMatch(says);
  expect(ended.code).not.toBe(0);
}

beforeEach(async () => {
  folder = await mkdtemp(`${tmpdir()}/releases-`);
  const clock = new SimulatedClock(Date.now());
  crates = await HonestRepository.create({ clock });
  await fill(crates);
  served = crates.files;
  releases = await buildReleaseServer(`${folder}/server`);
  await publishCratesRoot(releases.context, [crates.root]);
  mirror = await startMirror(path => served.get(path) ?? null);
  developer = await Developer.create();
  await developer.trust(releases.root, [`${pathToFileURL(releases.folder).href}/`], 'rust-releases');
  const added = await developer.tuf(['trust', 'add', 'crates-io', '--listed', '--mirror', mirror.url]);
  expect(added.stderr).toContain('crates-io is trusted');
  await writeProject(developer.project, { greeting: '"1"', farewell: '"0.1"' });
});

afterEach(async () => {
  await mirror.close();
  await developer.remove();
  await rm(folder, { recursive: true, force: true });
});

describe.skipIf(!hasCargo)(
  `a registry whose roots are listed (${hasCargo ? 'real cargo' : NO_CARGO})`,
  () => {
    it('builds, follows a listed rotation, and refuses one that crates-root never signed', async () => {
      expect((await build()).code).toBe(0);
      await crates.rotate('timestamp');
      await refused('LIB_ROOT_UNLISTED', /root 2: is not listed by the signed releases/);
      await publishCratesRoot(releases.context, [rootOf(crates, 1), rootOf(crates, 2)]);
      expect((await build()).code).toBe(0);
    });

    it('refuses a listed root that breaks the chain, until the user takes it', async () => {
      expect((await build()).code).toBe(0);
      const others = await HonestRepository.create({ clock: crates.clock });
      await others.renewRoot();
      await fill(others);
      await publishCratesRoot(releases.context, [rootOf(crates, 1), rootOf(others, 2)], { reanchor: true });
      served = others.files;
      await refused('LIB_ROOT_CHAIN', /root 2: listed by the signed releases, but does not follow root 1/);
      const asked = await developer.tuf(['trust', 'reanchor', 'crates-io']);
      expect(asked.code).toBe(2);
      expect(asked.stderr).toContain('warning: the root of crates-io is replaced');
      const fingerprint = /fingerprint {3}([0-9a-f ]+)/.exec(asked.stderr)?.[1] ?? '';
      const wrong = await developer.tuf(['trust', 'reanchor', 'crates-io', '--fingerprint', '00'.repeat(32)]);
      expect(wrong.code).toBe(2);
      await refused('LIB_ROOT_CHAIN', /does not follow/);
      expect(
        (await developer.tuf(['trust', 'reanchor', 'crates-io', '--fingerprint', fingerprint])).code,
      ).toBe(0);
      expect((await build()).code).toBe(0);
    });

    it('is not used when nobody vouches for it', async () => {
      await developer.tuf(['trust', 'remove', 'rust-releases']);
      const ended = await build();
      expect(ended.code).toBe(2);
      expect(ended.stderr).toContain('LIB_NO_RELEASES');
      const both = await developer.tuf([
        'trust',
        'add',
        'crates-io',
        '--listed',
        '--root',
        'x',
        '--mirror',
        mirror.url,
      ]);
      expect(both.code).toBe(2);
      await writeFile(`${folder}/server/metadata/timestamp.json`, '{}');
      await developer.trust(releases.root, [`${pathToFileURL(releases.folder).href}/`], 'rust-releases');
      await refused('METADATA_SHAPE', /signed: absent/);
    });
  },
);
