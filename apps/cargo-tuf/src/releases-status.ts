import { openReleases, readAnchor, RUST_RELEASES } from '@cargo-tuf/cargo-tuf-lib';
import { escapeText, isTufError } from '@cargo-tuf/errors';
import { formatTime } from '@cargo-tuf/metadata';
import type { Context } from './context.ts';
import { rustupVariables } from './proxy-address.ts';

export interface ReleasesStatus {
  readonly timestamp: number | undefined;
  readonly expires: string | undefined;
  /** Whether a plain rustup of this shell asks the proxy. */
  readonly rustup: 'proxy' | 'elsewhere';
  /** Why plain rustup could fetch past the verification although it was told to ask the proxy. */
  readonly bypasses: readonly string[];
}

/** What this machine knows of the releases; undefined where they are not trusted. Asks nobody. */
export async function readReleasesStatus(
  context: Context,
  port: number,
): Promise<ReleasesStatus | undefined> {
  const anchor = await readAnchor(context.home, RUST_RELEASES);
  if (anchor === undefined) return undefined;
  const shell = shellStatus(context, port);
  const releases = await openReleases({ anchor, home: context.home, clock: context.clock });
  try {
    const { snapshot } = await releases.openOffline();
    return { ...shell, timestamp: snapshot.versions.timestamp, expires: formatTime(snapshot.expires) };
  } catch (error) {
    if (!isTufError(error, 'CLIENT_NO_STATE')) throw error;
    return { ...shell, timestamp: undefined, expires: undefined };
  } finally {
    await releases.close();
  }
}

/** Both variables have to lead to the proxy: with one of them, toolchains or rustup itself come from elsewhere. */
function shellStatus(context: Context, port: number): Pick<ReleasesStatus, 'rustup' | 'bypasses'> {
  const variables = Object.entries(rustupVariables(port));
  const other = variables.filter(([name, value]) => context.environment[name] !== value);
  if (other.length === variables.length) return { rustup: 'elsewhere', bypasses: [] };
  const bypasses = other.map(([name]) => {
    const value = context.environment[name];
    return `${name} is ${value ? escapeText(value, 200) : 'not set'}: rustup goes past the proxy`;
  });
  return { rustup: other.length === 0 ? 'proxy' : 'elsewhere', bypasses };
}
