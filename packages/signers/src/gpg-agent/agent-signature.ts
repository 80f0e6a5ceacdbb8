// What PKSIGN answers with for an Ed25519 key: `(7:sig-val(5:eddsa(1:r32:…)(1:s32:…)))`.

import { fail } from '../errors.ts';
import { isNamed, listNamed, parseSExpression, type SExpression } from './s-expression.ts';

/** R and S, 64 bytes. Throws `SIGNER_AGENT_ANSWER`. */
export function parseAgentSignature(bytes: Uint8Array): Uint8Array {
  const expression = parseSExpression(bytes);
  const value = isNamed(expression, 'sig-val') ? listNamed(expression, 'eddsa') : undefined;
  if (value === undefined) throw fail('SIGNER_AGENT_ANSWER', 'gpg-agent: no EdDSA signature, expected one');
  const signature = new Uint8Array(64);
  for (const [index, name] of ['r', 's'].entries()) {
    const half = halfOf(listNamed(value, name), name);
    // As numbers they may come without their leading zeros.
    signature.set(half, 32 * (index + 1) - half.length);
  }
  return signature;
}

function halfOf(list: readonly SExpression[] | undefined, name: string): Uint8Array {
  const [half] = list ?? [];
  if (list?.length === 1 && half instanceof Uint8Array && half.length <= 32) return half;
  throw fail('SIGNER_AGENT_ANSWER', `gpg-agent: ${name} of the signature, expected at most 32 bytes`);
}
