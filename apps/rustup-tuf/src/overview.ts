import type { Context } from './context.ts';
import { findActive } from './home/active-toolchain.ts';
import { readSettings } from './home/settings.ts';
import { verifiedComponents } from './toolchain/change.ts';
import { listInstalled, namesOf, readInstalled } from './toolchain/installed.ts';
import { ToolchainState } from './toolchain/state.ts';

export interface ListedToolchain {
  readonly name: string;
  readonly isActive: boolean;
  readonly isDefault: boolean;
  readonly components: readonly string[];
  /** Components that rustup-tuf installed, and nobody since. */
  readonly verified: readonly string[];
  /** The day of the signed manifest. */
  readonly date: string | undefined;
}

/** Everything that is installed, in order. */
export async function listToolchains(context: Context): Promise<readonly ListedToolchain[]> {
  const { rustup } = context;
  const state = await ToolchainState.openExisting(rustup);
  const { defaultToolchain } = await readSettings(rustup);
  const active = await findActive(context);
  const listed: ListedToolchain[] = [];
  for (const name of await listInstalled(rustup)) {
    const installed = await readInstalled(rustup, name);
    if (installed === undefined) continue;
    const record = await state?.record(name);
    const verified = await verifiedComponents(installed, record);
    listed.push({
      name,
      isActive: active?.name === name,
      isDefault: defaultToolchain === name,
      components: namesOf(installed.components),
      verified: [...verified.keys()],
      date: record?.date,
    });
  }
  return listed;
}

/** "verified 2026-11-20", "2 of 6 components verified", "not verified" */
export function describeVerified({ components, verified, date }: ListedToolchain): string {
  if (verified.length === 0) return 'not verified';
  if (verified.length === components.length) return `verified, of ${date}`;
  return `${verified.length} of ${components.length} components verified`;
}
