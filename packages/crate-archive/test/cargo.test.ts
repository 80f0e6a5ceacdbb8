import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeCrate, scanCrate } from '@cargo-tuf/crate-archive';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const hasCargo = spawnSync('cargo', ['--version']).status === 0;
const longPath = `src/${'a'.repeat(60)}/${'b'.repeat(60)}.txt`;

describe('a crate made by cargo', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'crate-archive-'));
    mkdirSync(join(folder, 'src', 'a'.repeat(60)), { recursive: true });
    writeFileSync(
      join(folder, 'Cargo.toml'),
      '[package]\nname = "tiny"\nversion = "0.1.0"\nedition = "2021"\ndescription = "x"\nlicense = "MIT"\n[workspace]\n',
    );
    writeFileSync(join(folder, 'src', 'lib.rs'), '//! tiny\n');
    writeFileSync(join(folder, longPath), 'long\n');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is accepted, long path included', async context => {
    if (!hasCargo) {
      console.log('skipped: there is no cargo on this machine');
      context.skip('no cargo');
    }
    const options = [
      '--no-verify',
      '--offline',
      '--allow-dirty',
      '--quiet',
      '--target-dir',
      join(folder, 'target'),
    ];
    execFileSync('cargo', ['package', ...options], { cwd: folder });
    const crate = readFileSync(join(folder, 'target', 'package', 'tiny-0.1.0.crate'));
    const contents = new Map<string, Uint8Array>();
    const scanned = await scanCrate(crate, { name: 'tiny', version: '0.1.0' }, {}, (file, content) =>
      contents.set(file.path, content),
    );
    expect(Buffer.from(contents.get(longPath) ?? []).toString()).toBe('long\n');
    expect(scanned.files.map(file => file.path)).toContain('Cargo.toml.orig');
    expect(Buffer.from(scanned.manifest).toString()).toContain('name = "tiny"');
    const again = await scanCrate(encodeCrate('tiny', '0.1.0', contents), { name: 'tiny', version: '0.1.0' });
    expect(new Set(again.files.map(file => `${file.path} ${file.sha256}`))).toEqual(
      new Set(scanned.files.map(file => `${file.path} ${file.sha256}`)),
    );
  });
});
