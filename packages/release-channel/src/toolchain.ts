// Names of toolchains, as rustup spells them, and where their manifests stand below a release server.
//
//   stable                                   dist/channel-rust-stable.toml
//   nightly-2026-11-20                       dist/2026-11-20/channel-rust-nightly.toml
//   1.95.0-x86_64-unknown-linux-gnu          dist/channel-rust-1.95.0.toml
//   1.96.0-beta.3                            dist/channel-rust-1.96.0-beta.3.toml
//
// A name is a channel, then a date where one is meant, then a target triple where it is not this machine's.

import { escapeText } from '@cargo-tuf/errors';
import { fail } from './errors.ts';

export interface Toolchain {
  /** "stable", "beta", "nightly", "1.95", "1.95.0" or "1.96.0-beta.3". */
  readonly channel: string;
  /** "2026-11-20"; undefined for the newest. */
  readonly date: string | undefined;
  /** A target triple: the machine that the toolchain runs on. */
  readonly host: string | undefined;
}

/** Channel, date, target triple. */
const NAME =
  /^(stable|beta|nightly|(?:0|[1-9]\d{0,3})(?:\.(?:0|[1-9]\d{0,3})){1,2}(?:-beta(?:\.[1-9]\d{0,2})?)?)(?:-(\d{4}-\d{2}-\d{2}))?(?:-([a-z0-9_.]+(?:-[A-Za-z0-9_.]+){1,4}))?$/;
const MANIFEST = /^dist\/(?:(\d{4}-\d{2}-\d{2})\/)?channel-rust-([a-z0-9.-]{3,40})\.toml$/;

/** Throws `CHANNEL_TOOLCHAIN` for a name that is no channel's, as that of a toolchain that a user has linked. */
export function parseToolchain(text: string): Toolchain {
  const match = text.length <= 200 ? NAME.exec(text) : null;
  const [, channel, date, host] = match ?? [];
  if (channel === undefined || (date !== undefined && !isDate(date))) {
    throw fail('CHANNEL_TOOLCHAIN', `toolchain: "${escapeText(text, 60)}" is no release of a channel`);
  }
  return { channel, date, host };
}

/** "nightly-2026-11-20-x86_64-unknown-linux-gnu" */
export function formatToolchain({ channel, date, host }: Toolchain): string {
  return [channel, date, host].filter(each => each !== undefined).join('-');
}

/** The target that a toolchain's manifest is, by its channel and date. */
export function manifestPath({ channel, date }: Pick<Toolchain, 'channel' | 'date'>): string {
  return `dist/${date === undefined ? '' : `${date}/`}channel-rust-${channel}.toml`;
}

/** The other way round; undefined for a path that is no manifest's. */
export function parseManifestPath(path: string): Pick<Toolchain, 'channel' | 'date'> | undefined {
  const [, date, channel] = MANIFEST.exec(path) ?? [];
  const [, known, ...more] = NAME.exec(channel ?? '') ?? [];
  if (known === undefined || more.some(each => each !== undefined)) return undefined;
  return date === undefined || isDate(date) ? { channel: known, date } : undefined;
}

/** "x86_64-unknown-linux-gnu" and its like: two to five words. */
export function isTriple(text: string): boolean {
  return text.length <= 100 && /^[a-z0-9_.]+(?:-[A-Za-z0-9_.]+){1,4}$/.test(text);
}

/** A day of the calendar, "2026-11-20". */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const [year, month, day] = text.split('-').map(Number) as [number, number, number];
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  return day >= 1 && day <= days;
}
