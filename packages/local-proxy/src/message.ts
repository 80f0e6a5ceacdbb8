import { escapeText, isTufError } from '@cargo-tuf/errors';
import { MESSAGE_CHARACTERS } from './limits.ts';

/**
 * The sentence that cargo prints for a refusal: what was asked, what was expected and seen, the code, what to do. At most
 * 512 characters: cargo cuts what follows. The hint gives way first.
 */
export function refusalMessage(what: string, error: unknown): string {
  const [message, code, hint] = isTufError(error)
    ? [error.message, error.code, error.hint]
    : ['a defect of the proxy', 'PROXY_DEFECT', 'report it with the log of the proxy'];
  const sentence = `cargo-tuf refused ${what}: ${escapeText(message, 400)} [${code}]`;
  const whole = `${sentence}\n${escapeText(hint, 200)}`;
  return whole.length <= MESSAGE_CHARACTERS ? whole : sentence.slice(0, MESSAGE_CHARACTERS);
}
