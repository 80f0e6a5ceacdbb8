import { DEFAULT_POLICY, ROLE_NAMES } from '@cargo-tuf/repository';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseArchiveName } from '../src/crate-folder.ts';
import { formatPolicy, initialPolicy, parsePolicy } from '../src/policy-file.ts';

describe('policy.toml', () => {
  it('is read as it was written', () => {
    expect(parsePolicy(formatPolicy(DEFAULT_POLICY))).toEqual(DEFAULT_POLICY);
    expect(parsePolicy(formatPolicy(initialPolicy(3))).root.threshold).toBe(3);
    const period = fc.oneof(
      fc.integer({ min: 1, max: 732 }).map(days => days * 86_400_000),
      fc.integer({ min: 1, max: 90_000 }).map(seconds => seconds * 1000),
    );
    const role = fc.record({ threshold: fc.integer({ min: 1, max: 32 }), period });
    const record = fc.tuple(role, role, role, role, role, role);
    fc.assert(
      fc.property(record, roles => {
        const policy = {
          ...DEFAULT_POLICY,
          ...Object.fromEntries(ROLE_NAMES.map((name, index) => [name, roles[index]])),
        };
        expect(parsePolicy(formatPolicy(policy))).toEqual(policy);
      }),
    );
  });

  const text = formatPolicy(DEFAULT_POLICY);
  it.each([
    ['a role that is missing', text.replace('[crates]', '[releases]')],
    ['a role that is unknown', `${text}\n[extra]\nthreshold = 1\n`],
    ['a member that is unknown', `${text}keys = 3\n`],
    ['no threshold', text.replace('threshold = 1', '')],
    ['a threshold of 0', text.replace('threshold = 1', 'threshold = 0')],
    ['a threshold of 33', text.replace('threshold = 1', 'threshold = 33')],
    ['a threshold that is text', text.replace('threshold = 1', 'threshold = "1"')],
    ['a threshold with a fraction', text.replace('threshold = 1', 'threshold = 1.5')],
    ['a period without a unit', text.replace('"24h"', '"24"')],
    ['a period that is a number', text.replace('"24h"', '24')],
    ['a period of 0', text.replace('"24h"', '"0h"')],
    ['a period above two years', text.replace('"24h"', '"733d"')],
    ['a table twice', `${text}[crates]\n`],
    ['text that is not TOML', '[['],
  ])('refuses %s', (_, bad) => {
    expect(bad).not.toBe(text);
    expect(() => parsePolicy(bad)).toThrowError(expect.objectContaining({ code: 'ADMIN_POLICY' }));
  });
});

describe('name of an archive', () => {
  it('is split where the version starts, whatever hyphens there are', () => {
    const name = fc.stringMatching(/^x[a-z0-9_-]{0,20}$/);
    const version = fc.stringMatching(
      /^(0|[1-9][0-9]?)\.[1-9]\.[1-9](-[a-z][a-z0-9-]{0,5}(\.[1-9])?)?(\+[a-z0-9-]{1,5}(\.[a-z0-9])?)?$/,
    );
    fc.assert(
      fc.property(name, version, (crate, vers) => {
        expect(parseArchiveName(`${crate}-${vers}.crate`)).toEqual({ name: crate, version: vers });
      }),
    );
  });

  it.each([
    'itoa.crate',
    '-1.0.0.crate',
    'itoa-1.0.0',
    '1.0.0.crate',
    '.crate',
    'itoa-1.0.0.crate.crate',
    'it/oa-1.0.0.crate',
  ])('refuses %s', file => {
    expect(() => parseArchiveName(file)).toThrowError();
  });
});
