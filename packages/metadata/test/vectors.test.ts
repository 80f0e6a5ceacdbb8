import { readFileSync } from 'node:fs';
import { encodeJson, isJsonObject, type JsonObject, parseJson } from '@cargo-tuf/canonical-json';
import { importSigner } from '@cargo-tuf/keys';
import {
  type Format,
  formatKey,
  formatRoot,
  formatSnapshot,
  formatTargets,
  formatTime,
  formatTimestamp,
  matchesPath,
  parseEnvelope,
  parseRoot,
  parseSnapshot,
  parseTargets,
  parseTime,
  parseTimestamp,
  signEnvelope,
  targetUrlPath,
  createContentCheck,
  verifyContent,
  verifyRole,
} from '@cargo-tuf/metadata';
import { describe, expect, it } from 'vitest';

interface Vector {
  readonly description: string;
  readonly expect: string;
}

function read<T>(name: string): readonly (readonly [string, T & Vector])[] {
  const url = new URL(`../../../test-vectors/metadata/${name}.json`, import.meta.url);
  const vectors = JSON.parse(readFileSync(url, 'utf8')) as (T & Vector)[];
  return vectors.map(vector => [vector.description, vector]);
}

const encode = (text: string) => new TextEncoder().encode(text);

/** Runs `work`; true when it ended as the vector expects with "ok". */
function check(vector: Vector, work: () => void): void {
  if (vector.expect === 'ok') work();
  else expect(work).toThrow(expect.objectContaining({ name: 'TufError', code: vector.expect }));
}

function tree(text: string): JsonObject {
  const value = parseJson(encode(text));
  if (!isJsonObject(value)) throw new Error('the vector is no object');
  return value;
}

/** Reads a role and writes it again. */
const again: Readonly<Record<string, (signed: JsonObject) => JsonObject>> = {
  root: signed => formatRoot(parseRoot(signed)),
  timestamp: signed => formatTimestamp(parseTimestamp(signed)),
  snapshot: signed => formatSnapshot(parseSnapshot(signed)),
  targets: signed => formatTargets(parseTargets(signed)),
};

describe.each(Object.keys(again))('role-%s.json', role => {
  it.each(read<{ input: string }>(`role-${role}`))('%s', (_, vector) => {
    check(vector, () => {
      const signed = tree(vector.input);
      const written = again[role]?.(signed) as JsonObject;
      for (const [name, value] of signed) {
        if (name !== 'consistent_snapshot') expect(written.get(name), name).toEqual(value);
      }
      expect(again[role]?.(written)).toEqual(written);
    });
  });
});

describe('time.json', () => {
  it.each(read<{ input: string; milliseconds?: number }>('time'))('%s', (_, vector) => {
    check(vector, () => {
      expect(parseTime(vector.input)).toBe(vector.milliseconds);
      expect(formatTime(parseTime(vector.input))).toBe(vector.input);
    });
  });
});

describe('a time with a fraction of a second', () => {
  it('is cut to whole seconds where it is allowed', () => {
    const allowed = { fractions: true };
    expect(parseTime('2030-01-01T00:00:00.999Z', allowed)).toBe(parseTime('2030-01-01T00:00:00Z'));
    for (const text of ['2030-01-01T00:00:00.Z', '2030-01-01T00:00:00.0000000000Z', '2030-01-01T00:00:00.5'])
      expect(() => parseTime(text, allowed)).toThrow(/expected YYYY/);
    expect(() => parseTime('2030-01-01T00:00:00.999Z')).toThrow(/expected YYYY/);
  });
});

describe('path-pattern.json', () => {
  it.each(read<{ pattern: string; path: string; matches: boolean }>('path-pattern'))('%s', (_, vector) => {
    expect(matchesPath(vector.pattern, vector.path)).toBe(vector.matches);
  });
});

describe('content.json', () => {
  it.each(read<{ bytes_hex: string; length?: number; hashes?: Record<string, string> }>('content'))(
    '%s',
    (_, vector) => {
      const bytes = new Uint8Array(Buffer.from(vector.bytes_hex, 'hex'));
      const file = {
        ...(vector.length === undefined ? {} : { length: vector.length }),
        ...(vector.hashes === undefined ? {} : { hashes: new Map(Object.entries(vector.hashes)) }),
      };
      check(vector, () => verifyContent(bytes, file, 'file'));
      check(vector, () => {
        const content = createContentCheck(file, 'file');
        for (const byte of bytes) content.update(Uint8Array.of(byte));
        content.end();
      });
    },
  );
});

describe('envelope.json', () => {
  it.each(read<{ input: string }>('envelope'))('%s', (_, vector) => {
    check(vector, () => void parseEnvelope(encode(vector.input)));
  });
});

describe('envelope-dsse.json', () => {
  it.each(read<{ input: string }>('envelope-dsse'))('%s', (_, vector) => {
    check(vector, () => void parseEnvelope(encode(vector.input), 'dsse'));
  });
});

describe('signed.json', () => {
  interface Signed {
    readonly format: Format;
    readonly key: { readonly keyval: { readonly public: string } };
    readonly key_id: string;
    readonly covered: string;
    readonly file: string;
  }
  // Ed25519 signatures follow from key and message: the bytes are the same each time.
  const seed = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 1)]);
  const signer = importSigner('ed25519', new Uint8Array(seed));

  it.each(read<Signed>('signed'))('%s', async (_, vector) => {
    const { format } = vector;
    const { keyId, raw } = formatKey(signer.publicKey, format);
    const envelope = parseEnvelope(encode(vector.file), format);
    expect(keyId).toBe(vector.key_id);
    expect(new TextDecoder().decode(encodeJson(raw))).toBe(JSON.stringify(vector.key));
    expect(new TextDecoder().decode(envelope.payload)).toBe(vector.covered);
    const keys = new Map([[keyId, { keyId, raw, publicKey: signer.publicKey }]]);
    const role = { keyIds: [keyId], threshold: 1 };
    expect(verifyRole(envelope, 'timestamp', keys, role, 'timestamp').value.version).toBe(7);
    expect(await signEnvelope(envelope.signed, [signer], { format })).toEqual(encode(vector.file));
  });
});

describe('target-url-path.json', () => {
  it.each(read<{ path: string; url?: string }>('target-url-path'))('%s', (_, vector) => {
    check(vector, () => expect(targetUrlPath(vector.path, 'ab'.repeat(32))).toBe(vector.url));
  });
});
