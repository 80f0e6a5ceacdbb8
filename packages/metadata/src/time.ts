// Times of metadata: `2030-02-28T23:59:59Z` and no other spelling. A reader that turns 30 February into 2 March, or an
// unreadable time into one that never comes, lets metadata live longer than was signed.

import { escapeText } from '@cargo-tuf/errors';
import { fail } from './errors.ts';

const PATTERN = /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]{1,9})?Z$/;
const DAY = 86_400_000;
/** 9999-12-31T23:59:59Z */
const LAST = 253_402_300_799_000;

/**
 * Milliseconds since 1970-01-01T00:00:00Z. Throws `METADATA_TIME`. Leap seconds are not times; a fraction of a second, where
 * it is allowed, is cut off.
 */
export function parseTime(
  text: string,
  { fractions = false }: { readonly fractions?: boolean } = {},
): number {
  const match = PATTERN.exec(text);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] =
    match?.slice(1, 7).map(Number) ?? [];
  const isDate = month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
  const isWhole = match?.[7] === undefined || fractions;
  if (match === null || !isWhole || year < 1970 || !isDate || hour > 23 || minute > 59 || second > 59) {
    throw fail(
      'METADATA_TIME',
      `time: "${escapeText(text, 40)}", expected YYYY-MM-DDTHH:MM:SSZ of the calendar from 1970`,
      {
        details: { time: escapeText(text, 40) },
      },
    );
  }
  return daysBefore(year, month, day) * DAY + ((hour * 60 + minute) * 60 + second) * 1000;
}

/** The time in whole seconds, rounded down: what expires does so no later than asked. Throws `METADATA_TIME`. */
export function formatTime(milliseconds: number): string {
  if (!(milliseconds >= 0 && milliseconds < LAST + 1000)) {
    throw fail('METADATA_TIME', `time: ${milliseconds} ms, expected from 0 to ${LAST}`, {
      details: { milliseconds },
    });
  }
  const [year, month, day] = dateOf(Math.floor(milliseconds / DAY));
  const seconds = Math.floor((milliseconds % DAY) / 1000);
  const time = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${time.map(part => pad(part, 2)).join(':')}Z`;
}

/** Days from 1970-01-01 to a date. */
function daysBefore(year: number, month: number, day: number): number {
  let days = day - 1;
  for (let earlier = 1; earlier < month; earlier += 1) days += daysInMonth(year, earlier);
  return days + daysBeforeYear(year) - daysBeforeYear(1970);
}

/** Days from the year 1 to a year. */
function daysBeforeYear(year: number): number {
  const past = year - 1;
  return past * 365 + Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400);
}

function dateOf(days: number): [number, number, number] {
  let year = 1970 + Math.floor(days / 366);
  while (daysBefore(year + 1, 1, 1) <= days) year += 1;
  let rest = days - daysBefore(year, 1, 1);
  let month = 1;
  while (rest >= daysInMonth(year, month)) {
    rest -= daysInMonth(year, month);
    month += 1;
  }
  return [year, month, rest + 1];
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
