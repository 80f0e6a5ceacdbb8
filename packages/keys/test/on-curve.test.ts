// Which keys are on the curve, against the decompression of an independent implementation.

import { Point } from '@noble/ed25519';
import { decodeHex, encodeHex, importPublicKey, sha256 } from '@cargo-tuf/keys';
import { describe, expect, it } from 'vitest';

function isPoint(key: Uint8Array): boolean {
  try {
    Point.fromBytes(key);
    return true;
  } catch {
    return false;
  }
}

function codeOf(key: Uint8Array): string {
  try {
    importPublicKey('ed25519', key);
    return 'ok';
  } catch (error) {
    return String(Object(error).code);
  }
}

describe('an Ed25519 key', () => {
  it('is taken exactly when its y has an x', () => {
    const taken = { ok: 0, KEY_POINT: 0 };
    for (let count = 0; count < 600; count++) {
      const key = sha256(new TextEncoder().encode(`key ${count}`));
      // Both signs of x; y stays below the field's order.
      key[31] = ((key[31] ?? 0) & 0x3f) | (count % 2 === 0 ? 0x80 : 0);
      const code = codeOf(key);
      expect(code, encodeHex(key)).toBe(isPoint(key) ? 'ok' : 'KEY_POINT');
      taken[code as 'ok' | 'KEY_POINT'] += 1;
    }
    // Half of all numbers are squares.
    expect(Math.min(taken.ok, taken.KEY_POINT)).toBeGreaterThan(200);
  });

  it.each([
    ['base point', '5866666666666666666666666666666666666666666666666666666666666666', 'ok'],
    ['y = 2, which is on no point', `02${'00'.repeat(31)}`, 'KEY_POINT'],
    ['y = p, another spelling of 0', `ed${'ff'.repeat(30)}7f`, 'KEY_POINT'],
    ['y = 1 with a sign', `01${'00'.repeat(30)}80`, 'KEY_LOW_ORDER'],
  ])('that is the %s', (_, hex, code) => {
    expect(codeOf(decodeHex(hex))).toBe(code);
  });
});
