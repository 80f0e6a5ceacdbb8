import { escapeText, isTufError } from '@cargo-tuf/errors';
import { MESSAGE_CHARACTERS } from './limits.ts';

/**
 * What cargo prints for a refusal: what was asked, what was seen and expected, the code, what to do. With its newline below
 * 512 characters: cargo cuts what follows. Code and hint always stand; the middle of a long message gives way.
 *
 *     cargo-tuf refused itoa: timestamp: expired 3 days ago [CLIENT_EXPIRED]
 *     check your clock, then tell the maintainers
 */
export function refusalMessage(what: string, error: unknown): string {
  return sentence('cargo-tuf refused', what, error, '\n');
}

/**
 * The same in one line that no reader of TOML takes for a document, whatever the error says:
 *
 *     TUF verification FAILED: dist/channel-rust-stable.toml: timestamp: expired 3 days ago [CLIENT_EXPIRED] check your clock
 */
export function explanationLine(what: string, error: unknown): string {
  return `${sentence('TUF verification FAILED:', what, error, ' ')}\n`;
}

function sentence(start: string, what: string, error: unknown, gap: string): string {
  const [message, code, hint] = isTufError(error)
    ? [error.message, error.code, error.hint]
    : ['a defect of the proxy', 'INTERNAL', 'report it with the log of the proxy'];
  const head = `${start} ${shorten(escapeText(what, 240), 240)}: `;
  const tail = ` [${code}]${gap}${shorten(escapeText(hint), 160)}`;
  return head + shorten(escapeText(message, 1000), MESSAGE_CHARACTERS - 2 - head.length - tail.length) + tail;
}

/** Both ends of an escaped text tell something: the subject at its start, the expectation at its end. */
function shorten(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = Math.floor((length - 1) / 3);
  return `${text.slice(0, length - 1 - end)}…${text.slice(text.length - end)}`;
}
