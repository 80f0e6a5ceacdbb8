// An auditor's machine, an operator's and a user's: the auditor follows with `cargo tuf monitor` and catches a registry that drops a
// crate, lowers a version, or shows two faces; the file of evidence convinces on another machine, offline.

import { encodeHex } from '@cargo-tuf/keys';
import type { Leaf } from '@cargo-tuf/merkle-snapshot';
import { HonestRepository, indexEntry, SimulatedClock } from '@cargo-tuf/simulator';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Files, misbehave } from '../../../../packages/auditor/test/world.ts';
import { type Mirror, startMirror } from '../../../../tools/fixtures/mirror-server.ts';
import { Developer } from './developer.ts';
import { Operator } from './operator.ts';

interface Line {
  readonly timestamp: number;
  readonly tree: number;
  readonly known: boolean;
  readonly changes: number;
  readonly findings: readonly { readonly rule: string; readonly name?: string; readonly evidence: string }[];
  readonly audit: string | null;
}

const OTHER = { length: 7, sha256: new Uint8Array(32).fill(7) };
const change = (leaves: Map<string, Leaf>, name: string, fields: Partial<Leaf>): void => {
  leaves.set(name, { ...(leaves.get(name) as Leaf), ...fields });
};

let auditor: Developer;
let other: Developer;
let served: Files;
let mirror: Mirror;
let mirrors: Mirror[];

async function serve(files: () => Files): Promise<Mirror> {
  const started = await startMirror(path => files().get(path) ?? null);
  mirrors.push(started);
  return started;
}

beforeEach(async () => {
  mirrors = [];
  auditor = await Developer.create();
  other = await Developer.create();
});
afterEach(async () => {
  for (const each of mirrors) await each.close();
  await auditor.remove();
  await other.remove();
});

async function monitor(...args: readonly string[]): Promise<{ readonly code: number; readonly line: Line }> {
  const ended = await auditor.tuf(['monitor', '--json', ...args], auditor.folder);
  if (ended.stdout === '') throw new Error(ended.stderr);
  return { code: ended.code, line: JSON.parse(ended.stdout) as Line };
}

describe('cargo tuf monitor', () => {
  let honest: HonestRepository;

  beforeEach(async () => {
    honest = await HonestRepository.create({ clock: new SimulatedClock(Date.now()) });
    const entries = ['itoa', 'ryu', 'serde'].map(name => [name, indexEntry(name, '1.0.0')] as const);
    await honest.publish({ entries: new Map(entries) });
    await honest.publish({ entries: new Map([['itoa', indexEntry('itoa', '1.0.0', '1.0.1')]]) });
    served = honest.files;
    mirror = await serve(() => served);
    await auditor.trust(honest.root, [mirror.url]);
    await other.trust(honest.root, [mirror.url]);
  });

  /** On the other machine, where nothing can be reached. */
  async function convinces(file: string, rule: string): Promise<void> {
    const copy = `${other.folder}/received.json`;
    await copyFile(file, copy);
    mirror.requests.length = 0;
    const ended = await other.tuf(['monitor', '--check', copy], other.folder);
    expect(ended.stderr).toBe('');
    expect(ended.stdout).toContain(`proves        ${rule}: `);
    expect(ended.stdout).toContain('the root that is trusted here for crates-io');
    expect(ended.code).toBe(0);
    expect(mirror.requests).toEqual([]);
  }

  it('follows an honest registry and says so', async () => {
    const first = await monitor();
    expect(first).toMatchObject({
      code: 0,
      line: { timestamp: 3, tree: 3, known: false, changes: 3, findings: [] },
    });
    expect(await monitor()).toMatchObject({ code: 0, line: { known: true, changes: 0, findings: [] } });
    await honest.publish({ deleted: ['ryu'] });
    await honest.rotate('timestamp');
    const text = await auditor.tuf(['monitor', '--once'], auditor.folder);
    expect(text.stdout).toBe('crates-io: timestamp 5, tree 4: 1 changes, nothing was taken back\n');
    expect(await readdir(auditor.folder)).not.toContainEqual(expect.stringContaining('evidence'));
  });

  it.each<readonly [string, string, (leaves: Map<string, Leaf>) => unknown]>([
    ['drops a crate', 'vanished', leaves => leaves.delete('serde')],
    ['lowers a version', 'lowered', leaves => change(leaves, 'itoa', { version: 2 })],
    ['changes bytes under a version', 'changed', leaves => change(leaves, 'ryu', OTHER)],
  ])('catches a registry that %s; the evidence convinces on another machine', async (_, rule, leaves) => {
    expect((await monitor()).code).toBe(0);
    served = await misbehave(honest, { leaves: all => void leaves(all) });
    const { code, line } = await monitor('--evidence', 'evidence');
    expect(code).toBe(4);
    expect(line.findings.map(each => each.rule)).toEqual([rule]);
    await convinces(line.findings[0].evidence, rule);
  });

  it('catches two faces: by another mirror, and by the timestamp of a client', async () => {
    expect((await monitor()).code).toBe(0);
    const face = await misbehave(honest, {
      timestamp: version => version,
      leaves: leaves => change(leaves, 'ryu', OTHER),
    });
    const second = await serve(() => face);
    const byMirror = await monitor('--also', second.url);
    expect(byMirror.code).toBe(4);
    expect(byMirror.line.findings.map(each => each.rule)).toEqual(['two-timestamps']);
    await convinces(byMirror.line.findings[0].evidence, 'two-timestamps');
    await writeFile(`${auditor.folder}/seen.json`, face.get('metadata/timestamp.json') as Uint8Array);
    served = new Map([...face, ...honest.files]);
    const byClient = await monitor('--compare', 'seen.json');
    expect(byClient.line.findings.map(each => each.rule)).toEqual(['two-timestamps']);
  });

  it('evidence convinces nobody when it is changed, and from no root that is not trusted', async () => {
    await monitor();
    served = await misbehave(honest, { leaves: leaves => leaves.delete('serde') });
    const [{ evidence }] = (await monitor()).line.findings;
    const bytes = await readFile(evidence);
    const check = async (content: Uint8Array, ...args: string[]): Promise<readonly [number, string]> => {
      await writeFile(`${other.folder}/e.json`, content);
      const { code, stderr, stdout } = await other.tuf(
        ['monitor', '--check', 'e.json', ...args],
        other.folder,
      );
      return [code, /code: ([A-Z_]+)/.exec(stderr)?.[1] ?? stdout];
    };
    for (const at of [1, bytes.length >> 1, bytes.length - 2]) {
      const changed = bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
      expect(await check(changed)).toEqual([4, 'AUDIT_EVIDENCE']);
    }
    expect(await check(bytes.subarray(0, -1))).toEqual([4, 'AUDIT_EVIDENCE']);
    await other.tuf(['trust', 'remove', 'crates-io'], other.folder);
    expect(await check(bytes)).toEqual([2, 'APP_EVIDENCE_ROOT']);
    const [code, text] = await check(bytes, '--anchor', 'root.json');
    expect(code).toBe(0);
    expect(text).toContain('compare this fingerprint');
  });
});

describe('auditors whom root requires', () => {
  it('countersign, and a user gets what they have followed', async () => {
    const operator = await Operator.create();
    try {
      await operator.init();
      await mkdir(`${operator.folder}/index/it/oa`, { recursive: true });
      await writeFile(`${operator.folder}/index/it/oa/itoa`, indexEntry('itoa', '1.0.0'));
      await operator.admin('publish', operator.repository, '--index', `${operator.folder}/index`);
      const site = await operator.serve();
      mirrors.push(site);
      for (const each of [auditor, other]) await each.trust(await operator.root(), [site.url]);

      const made = await auditor.tuf(['monitor', '--new-key', 'auditor.pem'], auditor.folder);
      expect(made.stderr).toContain('not encrypted');
      await operator.admin('auditors', operator.repository, '--add', `${auditor.folder}/auditor.pem.pub`);
      // Nobody can be required before they began.
      await expect(operator.admin('auditors', operator.repository, '--require', '1')).rejects.toThrow(
        'ADMIN_AUDITORS',
      );
      const audits = `${operator.repository}/public/audits`;
      const sign = ['--sign', 'auditor.pem', '--out', audits];
      expect((await monitor(...sign)).line.audit).toMatch(/\/public\/audits\/[0-9a-f]{64}\.json$/);
      await operator.admin('auditors', operator.repository, '--require', '1');

      const synced = await other.tuf(['sync'], other.folder);
      expect(synced.stderr).toContain('tree 2');
      expect(synced.code).toBe(0);
      // A publish goes through before auditors have seen it: they may lag.
      await writeFile(`${operator.folder}/index/it/oa/itoa`, indexEntry('itoa', '1.0.0', '1.0.1'));
      await operator.admin('publish', operator.repository, '--index', `${operator.folder}/index`);
      const explained = await other.tuf(['explain', 'itoa'], other.folder);
      expect(explained.stdout).toContain('1.0.0, 1.0.1');
      expect((await monitor(...sign)).line).toMatchObject({ tree: 3, changes: 1, findings: [] });

      const [name] = await readdir(audits);
      await writeFile(`${audits}/${name}`, encodeHex(new Uint8Array(8)));
      const fresh = await Developer.create();
      try {
        await fresh.trust(await operator.root(), [site.url]);
        const refused = await fresh.tuf(['sync'], fresh.folder);
        expect(refused.stderr).toContain('code: CLIENT_AUDITORS');
        expect(refused.code).toBe(3);
      } finally {
        await fresh.remove();
      }
    } finally {
      await operator.remove();
    }
  });
});
