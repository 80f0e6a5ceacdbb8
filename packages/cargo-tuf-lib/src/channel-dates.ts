// The highest date that was seen of each manifest that is replaced from time to time, as one document of the store:
//
//   {"dates":{"dist/channel-rust-stable.toml":"2026-11-20"},"format":1}
//
// Versions of roles refuse what was signed before. This refuses what was signed later and says less.

import { encodeCanonical, isJsonObject, type JsonValue, parseJson } from '@cargo-tuf/canonical-json';
import type { Store } from '@cargo-tuf/client';
import { isTufError } from '@cargo-tuf/errors';
import { isDate } from '@cargo-tuf/release-channel';
import { fail } from './errors.ts';

const DOCUMENT = 'channels';

/** Raises the date of a manifest, durably. Throws `LIB_CHANNEL_ROLLBACK` where a later one was seen, `LIB_CHANNEL_DATES`. */
export async function raiseChannelDate(
  store: Pick<Store, 'read' | 'replace'>,
  path: string,
  date: string,
): Promise<void> {
  for (;;) {
    const { revision, documents } = await store.read();
    const dates = parseDates(documents.get(DOCUMENT));
    const seen = dates.get(path) ?? '';
    if (date < seen) {
      throw fail(
        'LIB_CHANNEL_ROLLBACK',
        `${path}: of ${date}, expected ${seen} or later, which was seen before`,
        {
          details: { path, date, seen },
        },
      );
    }
    if (date === seen) return;
    try {
      await store.replace(revision, new Map([[DOCUMENT, formatDates(new Map(dates).set(path, date))]]));
      return;
    } catch (error) {
      if (!isTufError(error) || error.kind !== 'conflict') throw error;
    }
  }
}

function parseDates(bytes: Uint8Array | undefined): ReadonlyMap<string, string> {
  const dates = new Map<string, string>();
  if (bytes === undefined) return dates;
  const value = readJson(bytes);
  const members = isJsonObject(value) && value.get('format') === 1 ? value.get('dates') : undefined;
  if (!isJsonObject(members)) throw damaged();
  for (const [path, date] of members) {
    if (typeof date !== 'string' || !isDate(date)) throw damaged();
    dates.set(path, date);
  }
  return dates;
}

function readJson(bytes: Uint8Array): JsonValue {
  try {
    return parseJson(bytes);
  } catch (cause) {
    if (isTufError(cause)) throw damaged(cause);
    throw cause;
  }
}

function formatDates(dates: ReadonlyMap<string, string>): Uint8Array {
  return encodeCanonical(
    new Map<string, JsonValue>([
      ['format', 1],
      ['dates', new Map(dates)],
    ]),
  );
}

function damaged(cause?: unknown): Error {
  return fail('LIB_CHANNEL_DATES', 'dates of channels: not as written', { details: { local: true }, cause });
}
