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

const CHANNEL = String.raw`stable|beta|nightly|(?:0|[1-9]\d{0,3})\.(?:0|[1-9]\d{0,3})(?:\.(?:0|[1-9]\d{0,3})(?:-beta(?:\.[1-9]\d{0,2})?)?)?`;
const DATE = String.raw`\d{4}-\d{2}-\d{2}`;
const TRIPLE = String.raw`[a-z0-9_.]+(?:-[A-Za-z0-9_.]+){1,4}`;
const NAME = new RegExp(`^(${CHANNEL})(?:-(${DATE}))?(?:-(${TRIPLE}))?$`);
const MANIFEST = new RegExp(String.raw`^dist/(?:(${DATE})/)?channel-rust-(${CHANNEL})\.toml$`);

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
  const [, date, channel] = (path.length <= 200 ? MANIFEST.exec(path) : null) ?? [];
  if (channel === undefined || (date !== undefined && !isDate(date))) return undefined;
  return { channel, date };
}

/** "x86_64-unknown-linux-gnu" and its like: two to five words. */
export function isTriple(text: string): boolean {
  return text.length <= 100 && new RegExp(`^${TRIPLE}$`).test(text);
}

/** A day of the calendar, "2026-11-20". */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const [year, month, day] = text.split('-').map(Number) as [number, number, number];
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  return day >= 1 && day <= days;
}
