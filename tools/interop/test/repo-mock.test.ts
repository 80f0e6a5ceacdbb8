// Repositories that tuf-js's own mock makes, through our client and tuf-js: equal results, equal refusals.

import { afterEach, describe, expect, it, vi } from 'vitest';
import { makeMockRepository } from '../mock-repository.ts';
import { type Reading, readBoth, readServed, type Repository } from '../readers.ts';
import { serveFiles } from '../served-files.ts';

const content = (text: string) => Buffer.from(text);
const YEAR = 365 * 86_400_000;

/** By name: what the repository has. */
const REPOSITORIES = {
  'one target': [{ name: 'one.txt', content: content('one') }],
  'several targets': ['a', 'b', 'c', 'd'].map(name => ({ name, content: content(name.repeat(100)) })),
  'names with folders': [
    { name: 'se/rd/serde', content: content('{"name":"serde"}\n') },
    { name: 'a/b/c/d.json', content: content('{}') },
    { name: 'serde', content: content('another') },
  ],
  'names that are escaped': [
    { name: 'with space.txt', content: content('space') },
    { name: 'a+b&c=d;e', content: content('plus') },
  ],
  'an empty target and a large one': [
    { name: 'empty', content: content('') },
    { name: 'large', content: Buffer.alloc(300_000, 7) },
  ],
};

afterEach(() => vi.useRealTimers());

describe.each(Object.entries(REPOSITORIES))('%s', (_, targets) => {
  const names = targets.map(target => target.name);

  it('is read with equal results', async () => {
    const { ours, theirs, reasons } = await readBoth(makeMockRepository(targets), [...names, 'nowhere']);
    expect(reasons).toEqual({ ours: [], theirs: [] });
    expect(ours).toEqual(theirs);
    expect((ours as Reading).versions).toEqual({ root: 1, timestamp: 1, snapshot: 1, targets: 1 });
    expect((ours as Reading).targets['nowhere']).toBe('absent');
    for (const { name, content: bytes } of targets)
      expect((ours as Reading).targets[name]).toMatchObject({ length: bytes.length });
  });
});

describe('a repository that expires soon', () => {
  const targets = REPOSITORIES['one target'];
  const at = async (repository: Repository, time: number) => {
    vi.useFakeTimers({ toFake: ['Date'], now: time });
    return readBoth(repository, ['one.txt']);
  };

  it('is read by both before, and by neither from then on', async () => {
    const made = Date.UTC(2029, 0, 1);
    vi.useFakeTimers({ toFake: ['Date'], now: made });
    const repository = makeMockRepository(targets);
    const last = await at(repository, made + YEAR - 1000);
    expect(last.ours).toEqual(last.theirs);
    expect(last.ours).not.toBe('refused');
    for (const time of [made + YEAR, made + YEAR + 1]) {
      const late = await at(repository, time);
      expect([late.ours, late.theirs]).toEqual(['refused', 'refused']);
      expect(late.reasons.ours).toEqual(['CLIENT_EXPIRED']);
    }
  });
});

describe('the times of the mock as it writes them', () => {
  const repository = makeMockRepository(REPOSITORIES['several targets'], { fractions: true });

  it('have a fraction of a second, which tuf-js reads and we refuse', async () => {
    const { ours, theirs, reasons } = await readBoth(repository, ['a']);
    expect(ours).toBe('refused');
    expect(reasons.ours).toEqual(['METADATA_TIME']);
    expect(theirs).not.toBe('refused');
  });

  it('are read with equal results where they are allowed by name', async () => {
    const options = { allow: ['fractional-seconds'] } as const;
    const { ours, theirs, reasons } = await readBoth(repository, ['a', 'b', 'c', 'd', 'nowhere'], options);
    expect(reasons).toEqual({ ours: [], theirs: [] });
    expect(ours).toEqual(theirs);
  });
});

describe('a name outside of ASCII', () => {
  it('makes the mock count characters for bytes, so that both refuse its repository', async () => {
    const { ours, theirs } = await readBoth(makeMockRepository([{ name: 'é', content: content('é') }]), [
      'é',
    ]);
    expect([ours, theirs]).toEqual(['refused', 'refused']);
  });
});

describe('signatures in upper case hex digits', () => {
  it('are read by tuf-js alone', async () => {
    const repository = makeMockRepository(REPOSITORIES['one target']);
    const text = Buffer.from(repository.files.get('metadata/timestamp.json') as Uint8Array).toString();
    const changed = text.replace(/"sig":"[0-9a-f]+"/, signature =>
      signature.toUpperCase().replace('SIG', 'sig'),
    );
    const files = new Map(repository.files).set('metadata/timestamp.json', Buffer.from(changed));
    const { ours, theirs } = await readBoth({ ...repository, files }, []);
    expect([shape(ours), shape(theirs)]).toEqual(['refused', 'read']);
  });
});

describe('a tampered file', () => {
  const targets = REPOSITORIES['names with folders'];
  const names = targets.map(target => target.name);
  const repository = makeMockRepository(targets);
  const METADATA = ['timestamp', 'snapshot', 'targets'].map(role => `metadata/${role}.json`);
  const SAMPLES = 24;

  /** Every change at a sample of positions, with its name. */
  function* damages(
    bytes: Uint8Array,
  ): Generator<{ name: string; bytes: Uint8Array; at?: number; mask?: number }> {
    const step = Math.max(1, Math.floor(bytes.length / SAMPLES));
    for (let at = 0; at < bytes.length; at += step) {
      for (const mask of [0x01, 0x20, 0x80]) {
        const changed = bytes.slice();
        changed[at] = (bytes[at] as number) ^ mask;
        yield { name: `byte ${at} xor ${mask}`, bytes: changed, at, mask };
      }
      yield { name: `cut to ${at}`, bytes: bytes.slice(0, at) };
    }
    yield { name: 'a byte more', bytes: Uint8Array.from([...bytes, 0x20]) };
  }

  it.each(METADATA)('%s is refused by both', async path => {
    const served = await serveFiles(repository.files);
    const whole = repository.files.get(path) as Uint8Array;
    const differing: string[] = [];
    try {
      for (const damage of damages(whole)) {
        served.files = new Map(repository.files).set(path, damage.bytes);
        const { ours, theirs } = await readServed(served, repository.root, []);
        if (ours === 'refused' && theirs === 'refused') continue;
        const why = reasonOf(whole, damage);
        differing.push(why);
        expect({ damage: damage.name, why, ours: shape(ours), theirs: shape(theirs) }).toEqual({
          damage: damage.name,
          ...(DIFFERENCES as Record<string, object>)[why],
        });
      }
    } finally {
      served.close();
    }
    // The timestamp alone has no hash above it, so nothing else can be told apart from what was signed.
    if (path !== 'metadata/timestamp.json') expect(differing).toEqual([]);
  });

  it.each(names)('target %s is refused by both', async name => {
    const served = await serveFiles(repository.files);
    const path = `targets/${name}`;
    try {
      for (const damage of damages(repository.files.get(path) as Uint8Array)) {
        served.files = new Map(repository.files).set(path, damage.bytes);
        const { ours, theirs } = await readServed(served, repository.root, [name]);
        expect((ours as Reading).targets, damage.name).toEqual({ [name]: 'refused' });
        expect((theirs as Reading).targets, damage.name).toEqual({ [name]: 'refused' });
      }
    } finally {
      served.close();
    }
  });

  it.each([...METADATA, ...names.map(name => `targets/${name}`)])(
    '%s is refused by both when it is missing',
    async path => {
      const files = new Map(repository.files);
      files.delete(path);
      const { ours, theirs } = await readBoth({ ...repository, files }, names);
      if (path.startsWith('metadata/')) expect([ours, theirs]).toEqual(['refused', 'refused']);
      else {
        expect(ours).toEqual(theirs);
        expect((ours as Reading).targets[path.slice('targets/'.length)]).toBe('refused');
      }
    },
  );
});

/** Where one client takes a changed file and the other does not, or both take it: why. Nothing else is allowed. */
const DIFFERENCES = {
  'white space around the document': { why: 'white space around the document', ours: 'read', theirs: 'read' },
  'a signature in upper case hex digits': {
    why: 'a signature in upper case hex digits',
    ours: 'refused',
    theirs: 'read',
  },
};

function reasonOf(whole: Uint8Array, damage: { bytes: Uint8Array; at?: number; mask?: number }): string {
  const text = Buffer.from(whole).toString('latin1');
  const changed = Buffer.from(damage.bytes).toString('latin1');
  if (changed.trim() === text) return 'white space around the document';
  const [, sig = ''] = /"sig":"([0-9a-f]+)"/.exec(text) ?? [];
  const start = text.indexOf(sig);
  const isInSignature = damage.at !== undefined && damage.at >= start && damage.at < start + sig.length;
  if (isInSignature && changed.toLowerCase() === text.toLowerCase())
    return 'a signature in upper case hex digits';
  return 'unknown';
}

function shape(reading: Reading | 'refused'): string {
  return reading === 'refused' ? 'refused' : 'read';
}
