import { escapeText } from '@cargo-tuf/errors';
import { encodeHex, sha256 } from '@cargo-tuf/keys';
import { formatTime, type Targets } from '@cargo-tuf/metadata';
import { manifestPath, parseManifest, parseRustupRelease, RUSTUP_RELEASE } from '@cargo-tuf/release-channel';
import {
  type PublishedBytes,
  readReleases,
  readTarget,
  RELEASE_ROLES,
  type ReleaseRole,
  type ReleasesState,
} from '@cargo-tuf/repository';
import { Command } from 'commander';
import { type Context, print } from '../../context.ts';
import { keysIn, roleIn } from '../../releases/roles.ts';
import { openForReading } from '../../repository-folder.ts';

interface StatusOptions {
  readonly json?: boolean;
}

export function statusReleaseCommand(context: Context): Command {
  return new Command('status')
    .description('roles, thresholds, keys and expiry times, and the newest releases')
    .argument('<dir>', 'the folder of the repository')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  tuf-admin release status releases\n')
    .action((dir: string, options: StatusOptions) => run(context, dir, options));
}

async function run(context: Context, dir: string, options: StatusOptions): Promise<void> {
  const { bytes } = await openForReading(context, dir);
  const state = await readReleases(bytes);
  const roles = RELEASE_ROLES.map(role => describe(state, role, context.clock()));
  const newest = await readNewest(bytes, state);
  const fingerprint = encodeHex(sha256(state.root.bytes));
  const { repository } = state;
  print(
    context,
    {
      text: [
        `repository   ${repository}`,
        `root         version ${state.root.value.version}, fingerprint ${fingerprint}`,
        '',
        ...roles.flatMap(({ role, threshold, keys, version, expires, expired, targets }) => [
          `${role.padEnd(11)}  ${threshold} of ${keys.length}  version ${version}  ${expired ? 'EXPIRED' : 'expires'} ${expires}${targets === undefined ? '' : `  ${targets} targets`}`,
          ...(role === 'targets' || role === 'crates-root' ? [] : keys.map(key => `             key ${key}`)),
        ]),
        '',
        ...Object.entries(newest).map(([name, value]) => `${name.padEnd(11)}  ${value ?? 'none'}`),
      ],
      json: { repository, rootVersion: state.root.value.version, fingerprint, roles, newest },
    },
    options.json,
  );
}

interface RoleReport {
  readonly role: ReleaseRole;
  readonly threshold: number;
  /** Key ids. */
  readonly keys: readonly string[];
  readonly version: number;
  readonly expires: string;
  readonly expired: boolean;
  /** Of roles that list targets. */
  readonly targets?: number;
}

function describe(state: ReleasesState, role: ReleaseRole, now: number): RoleReport {
  const { value } = roleIn(state, role);
  const { threshold, keyIds } = keysIn(state, role);
  const targets = state.delegated.get(role as 'release')?.value.targets.size;
  return {
    role,
    threshold,
    keys: keyIds.map(id => escapeText(id, 100)),
    version: value.version,
    expires: formatTime(value.expires),
    expired: value.expires <= now,
    ...(targets !== undefined && { targets }),
  };
}

/** Dates of channels, the version of rustup, the highest root that is listed; null for what was not published. */
async function readNewest(
  bytes: PublishedBytes,
  state: ReleasesState,
): Promise<Record<string, string | number | null>> {
  const read = (role: 'release' | 'nightly' | 'rustup', path: string): Promise<Uint8Array | undefined> =>
    readTarget(bytes, roleIn(state, role).value as Targets, path);
  const dateOf = async (role: 'release' | 'nightly', channel: string): Promise<string | null> => {
    const manifest = await read(role, manifestPath({ channel, date: undefined }));
    return manifest === undefined ? null : parseManifest(manifest).date;
  };
  const rustup = await read('rustup', RUSTUP_RELEASE);
  const roots = state.delegated.get('crates-root')?.value.targets.size ?? 0;
  return {
    stable: await dateOf('release', 'stable'),
    beta: await dateOf('release', 'beta'),
    nightly: await dateOf('nightly', 'nightly'),
    rustup: rustup === undefined ? null : parseRustupRelease(rustup),
    'crates-root': roots === 0 ? null : roots,
  };
}
