// Times are milliseconds since 1970 in this package's interface, and seconds in four octets on the wire.

import { readNumber, writeNumber } from './bytes.ts';
import { fail } from './errors.ts';

/** How far a signer's clock may be ahead. */
export const CLOCK_TOLERANCE: number = 10 * 60 * 1000;

const LAST = 0xffff_ffff * 1000;

/** Throws `OPENPGP_TIME` for what is no time: compared with NaN, nothing would ever expire. */
export function checkTime(time: number): number {
  if (Number.isFinite(time) && time >= 0 && time <= LAST) return time;
  throw fail('OPENPGP_TIME', `time: ${time} ms, expected 0 to ${LAST}`, { details: { time } });
}

/**
 * When it ends. Throws `OPENPGP_SUBPACKET` for an end past 32 bits of seconds, which gpg takes for one that is long over.
 */
export function endOf(start: number, lifetime: number | undefined): number | undefined {
  if (lifetime === undefined) return undefined;
  if (start + lifetime <= LAST) return start + lifetime;
  throw fail(
    'OPENPGP_SUBPACKET',
    `lifetime: ${lifetime} ms from ${formatTime(start)}, expected an end before 2106`,
    {
      details: { start, lifetime },
    },
  );
}

export function readSeconds(octets: Uint8Array): number {
  return readNumber(octets) * 1000;
}

/** Rounded down. */
export function writeSeconds(time: number): Uint8Array {
  return writeNumber(Math.floor(checkTime(time) / 1000), 4);
}

/** For messages: a time of the wire in ISO 8601. */
export function formatTime(time: number): string {
  const date = new Date();
  date.setTime(time);
  return date.toISOString().replace('.000Z', 'Z');
}
