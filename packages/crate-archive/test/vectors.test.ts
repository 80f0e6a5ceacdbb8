import { readFileSync } from 'node:fs';
import { scanCrate } from '@cargo-tuf/crate-archive';
import { describe, expect, it } from 'vitest';

interface Case {
  readonly description: string;
  readonly name: string;
  readonly version: string;
  readonly crate: string;
  readonly expect: string;
  readonly files?: readonly string[];
}

const url = new URL('../../../test-vectors/crate-archive/archives.json', import.meta.url);
const cases = JSON.parse(readFileSync(url, 'utf8')) as readonly Case[];

describe('test-vectors/crate-archive', () => {
  it.each(cases)('$description: $expect', async ({ crate, expect: expected, files, name, version }) => {
    const scan = scanCrate(Buffer.from(crate, 'hex'), { name, version });
    if (expected === 'ok') expect((await scan).files.map(file => file.path)).toEqual(files);
    else await expect(scan).rejects.toMatchObject({ code: expected });
  });
});
