// Who made an object, and when:
//
//   Ferris the Crab <ferris@example.org> 1763712000 +0100
//
// - name and email: UTF-8 without < > and control characters, no space at either end; may be empty, as git has them
// - seconds since 1970, decimal, no zero in front, up to the end of the year 9999
// - zone: a sign, two digits of hours up to 14, two of minutes up to 59

import { escapeText } from '@cargo-tuf/errors';
import { fail } from './errors.ts';

export interface Identity {
  readonly name: string;
  readonly email: string;
  /** Seconds since 1970. What a committer claims, not a proof. */
  readonly time: number;
  /** Such as "+0100". */
  readonly zone: string;
}

/** `subject` such as "commit: author". Throws `GIT_OBJECT_IDENTITY`. */
export function parseIdentity(subject: string, text: string): Identity {
  const match = SPELLING.exec(text);
  const [, name = '', email = '', seconds = '', zone = ''] = match ?? [];
  const time = Number(seconds);
  if (match === null || time > LAST_SECOND || !isZone(zone) || !isName(name) || !isName(email)) {
    throw fail(
      'GIT_OBJECT_IDENTITY',
      `${subject}: "${escapeText(text, 120)}", expected Name <email> seconds zone`,
      { details: { found: escapeText(text) } },
    );
  }
  return { name, email, time, zone };
}

export function formatIdentity(subject: string, identity: Identity): string {
  const text = `${identity.name} <${identity.email}> ${identity.time} ${identity.zone}`;
  const read = parseIdentity(subject, text);
  if (read.name !== identity.name || read.email !== identity.email) {
    throw fail(
      'GIT_OBJECT_IDENTITY',
      `${subject}: "${escapeText(text, 120)}", expected a name without < and >`,
      {
        details: { found: escapeText(text) },
      },
    );
  }
  return text;
}

const SPELLING = /^([^<>]*) <([^<>]*)> (0|[1-9][0-9]{0,11}) ([+-][0-9]{4})$/;
const LAST_SECOND = 253_402_300_799;

function isZone(zone: string): boolean {
  return Number(zone.slice(1, 3)) <= 14 && Number(zone.slice(3)) <= 59;
}

function isName(text: string): boolean {
  return !UNSAFE.test(text);
}

// Control characters, lone surrogates, a space at either end.
const UNSAFE = /[\p{Cc}\p{Cs}]|^ | $/u;
