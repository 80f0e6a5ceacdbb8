import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { type CrateArchiveLimits, encodeCrate, listCrateFiles, scanCrate } from '@cargo-tuf/crate-archive';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const tiny = { name: 'tiny', version: '0.1.0' };
const manifest = bytesOf('[package]\nname = "tiny"\nversion = "0.1.0"\n');

function tinyCrate(files: Readonly<Record<string, Uint8Array>> = {}): Uint8Array {
  return encodeCrate('tiny', '0.1.0', new Map([['Cargo.toml', manifest], ...Object.entries(files)]));
}

describe('scanCrate', () => {
  it('gives every file, the manifest and the size', async () => {
    const seen = new Map<string, Uint8Array>();
    const crate = tinyCrate({ 'src/lib.rs': bytesOf('fn main() {}\n') });
    const scanned = await scanCrate(crate, tiny, {}, (file, content) => seen.set(file.path, content));
    expect(scanned.manifest).toEqual(manifest);
    expect(scanned.unpackedSize).toBe(manifest.length + 13);
    expect(scanned.files.map(({ path, mode, size }) => [path, mode, size])).toEqual([
      ['Cargo.toml', 0o644, manifest.length],
      ['src/lib.rs', 0o644, 13],
    ]);
    expect(seen.get('src/lib.rs')).toEqual(bytesOf('fn main() {}\n'));
    const { sha256 } = (await listCrateFiles(crate, tiny)).get('Cargo.toml') ?? {};
    expect(sha256).toBe(createHash('sha256').update(manifest).digest('hex'));
  });

  it('gives back what encodeCrate was given, in pieces of any size', async () => {
    const segment = fc.stringMatching(/^[a-zé_]{1,70}$/);
    const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map(parts => `f/${parts.join('/')}.rs`);
    const files = fc.dictionary(path, fc.uint8Array({ maxLength: 1_500 }), {
      maxKeys: 4,
      noNullPrototype: true,
    });
    await fc.assert(
      fc.asyncProperty(files, fc.integer({ min: 1, max: 300 }), async (contents, piece) => {
        const found = new Map<string, Uint8Array>();
        const crate = tinyCrate(contents);
        await scanCrate(inPieces(crate, piece), tiny, {}, (file, content) => found.set(file.path, content));
        found.delete('Cargo.toml');
        expect(found).toEqual(new Map(Object.entries(contents)));
      }),
      { numRuns: 60 },
    );
  });

  it('refuses every truncation, and every flipped bit after the gzip header', async () => {
    const crate = tinyCrate({ 'src/lib.rs': bytesOf('//! tiny\n') });
    const refusal = { code: expect.stringMatching(/^CRATE_/) };
    for (let length = 0; length < crate.length; length += 1) {
      await expect(scanCrate(crate.subarray(0, length), tiny), `length ${length}`).rejects.toMatchObject(
        refusal,
      );
    }
    for (let bit = 80; bit < crate.length * 8; bit += 1) {
      const damaged = crate.slice();
      damaged[bit >> 3] ^= 1 << (bit & 7);
      // Bits of padding after the last deflate symbol mean nothing to anybody.
      if (isReadable(damaged)) continue;
      await expect(scanCrate(damaged, tiny), `bit ${bit}`).rejects.toMatchObject(refusal);
    }
  });

  it('expects the folder of the name and version asked for', async () => {
    for (const other of [
      { ...tiny, version: '0.1.1' },
      { ...tiny, name: 'tin' },
      { name: 'Tiny', version: '0.1.0' },
    ]) {
      await expect(scanCrate(tinyCrate(), other)).rejects.toMatchObject({ code: 'CRATE_PATH' });
    }
  });

  const crate = tinyCrate({ 'src/a.rs': new Uint8Array(2_000), 'src/b.rs': new Uint8Array(10) });
  const tar = gunzipSync(crate).length;
  it.each<[keyof CrateArchiveLimits, number]>([
    ['packedBytes', crate.length],
    ['unpackedBytes', tar],
    ['entries', 3],
    ['manifestBytes', manifest.length],
  ])('takes %s up to the limit, and not one more', async (limit, most) => {
    const others = { ratio: 1 };
    expect((await scanCrate(crate, tiny, { ...others, [limit]: most })).files).toHaveLength(3);
    await expect(scanCrate(crate, tiny, { ...others, [limit]: most - 1 })).rejects.toMatchObject({
      code: 'CRATE_LIMIT',
    });
  });

  it('takes 20 times the archive where that is more, as cargo does', async () => {
    const ratio = Math.ceil(tar / crate.length);
    expect((await scanCrate(crate, tiny, { unpackedBytes: 0, ratio })).files).toHaveLength(3);
    await expect(scanCrate(crate, tiny, { unpackedBytes: 0, ratio: ratio - 1 })).rejects.toMatchObject({
      code: 'CRATE_LIMIT',
    });
  });

  it('stops inflating a bomb at the limit', async () => {
    const bomb = tinyCrate({ 'src/zeros.rs': new Uint8Array(64 * 1024 * 1024) });
    const started = process.memoryUsage().arrayBuffers;
    await expect(scanCrate(bomb, tiny, { unpackedBytes: 1_000_000 })).rejects.toMatchObject({
      code: 'CRATE_LIMIT',
    });
    expect(process.memoryUsage().arrayBuffers - started).toBeLessThan(32 * 1024 * 1024);
  });

  it('limits long names and paths', async () => {
    const long = `${'a/'.repeat(400)}x`;
    const limits = { pathBytes: long.length + 'tiny-0.1.0/'.length + 1 };
    expect((await scanCrate(tinyCrate({ [long]: manifest }), tiny, limits)).files).toHaveLength(2);
    await expect(
      scanCrate(tinyCrate({ [long]: manifest }), tiny, { pathBytes: limits.pathBytes - 1 }),
    ).rejects.toMatchObject({ code: 'CRATE_LIMIT' });
  });
});

describe('encodeCrate', () => {
  it('gives the same bytes for the same files in any order', () => {
    const files: [string, Uint8Array][] = [
      ['b', manifest],
      ['Cargo.toml', manifest],
      ['a', manifest],
    ];
    const one = encodeCrate('tiny', '0.1.0', new Map(files));
    expect(encodeCrate('tiny', '0.1.0', new Map(files.toReversed()))).toEqual(one);
  });

  it.each([
    ['CRATE_FILES', 'no manifest', { a: manifest }],
    ['CRATE_PATH', 'a path that leads outside', { 'Cargo.toml': manifest, '../x': manifest }],
    ['CRATE_PATH', 'an empty path', { 'Cargo.toml': manifest, '': manifest }],
    ['CRATE_DUPLICATE', 'paths that differ in case', { 'Cargo.toml': manifest, a: manifest, A: manifest }],
  ])('throws %s for %s', (code, _, files) => {
    const encode = () => encodeCrate('tiny', '0.1.0', new Map(Object.entries(files)));
    expect(encode).toThrow(expect.objectContaining({ code }));
  });

  it('throws CRATE_FILES for a name with a slash', () => {
    expect(() => encodeCrate('a/b', '0.1.0', new Map([['Cargo.toml', manifest]]))).toThrow(
      expect.objectContaining({ code: 'CRATE_FILES' }),
    );
  });
});

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

function isReadable(packed: Uint8Array): boolean {
  try {
    gunzipSync(packed);
    return true;
  } catch {
    return false;
  }
}
