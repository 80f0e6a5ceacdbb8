import { defineErrors, escapeText, exitCodeOf, formatError, isTufError } from '@cargo-tuf/errors';
import { describe, expect, it } from 'vitest';

const fail = defineErrors({
  A_EXPIRED: { kind: 'security', hint: 'check the clock' },
  A_SYNTAX: { kind: 'malformed', hint: 'write it again' },
  A_GONE: { kind: 'unavailable', hint: 'try again' },
});

describe('TufError', () => {
  it('carries code, kind, hint, details and cause', () => {
    const cause = new Error('inner');
    const error = fail('A_EXPIRED', 'timestamp: expired', { details: { expires: 'x' }, cause });
    expect(error).toMatchObject({ code: 'A_EXPIRED', kind: 'security', hint: 'check the clock', cause });
    expect(error.details).toEqual({ expires: 'x' });
  });

  it('is recognised by code, also from another copy of the package', () => {
    const foreign = Object.assign(new Error('x'), { name: 'TufError', code: 'A_GONE' });
    expect(isTufError(foreign)).toBe(true);
    expect(isTufError(foreign, 'A_GONE')).toBe(true);
    expect(isTufError(foreign, 'A_SYNTAX')).toBe(false);
    expect(isTufError(Object.assign(new Error('x'), { code: 'ENOENT' }))).toBe(false);
  });

  it('has one exit code a kind', () => {
    expect(exitCodeOf(fail('A_EXPIRED', 'x'))).toBe(4);
    expect(exitCodeOf(fail('A_SYNTAX', 'x'))).toBe(4);
    expect(exitCodeOf(fail('A_SYNTAX', 'x', { details: { local: true } }))).toBe(1);
    expect(exitCodeOf(fail('A_GONE', 'x'))).toBe(3);
    expect(exitCodeOf(new TypeError('x'))).toBe(70);
  });

  it('prints three lines with a fixed prefix', () => {
    expect(formatError('tool', fail('A_GONE', 'mirror: no answer'))).toBe(
      'tool: error: mirror: no answer\ntool: hint: try again\ntool: code: A_GONE\n',
    );
    expect(formatError('tool', new TypeError('x'))).toContain('tool: code: INTERNAL\n');
  });
});

describe('escapeText', () => {
  it('leaves printable text alone', () => {
    expect(escapeText('serde 1.0 – größer 🦀')).toBe('serde 1.0 – größer 🦀');
  });

  it.each(['\u001b[31m', '\n', '\u0007', '\u202e', '\u200b', '\ud800', '\u2028', '\u009b'])(
    'escapes %j',
    text => {
      expect(escapeText(text)).toMatch(/^\\u\{[0-9a-f]+\}/);
      expect(escapeText(text)).not.toContain(text[0]);
    },
  );

  it('cuts at the limit', () => {
    expect(escapeText('abcdef', 3)).toBe('abc…');
  });
});
