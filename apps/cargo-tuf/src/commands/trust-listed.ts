// Registries whose roots the signed releases list (docs/adr/0024-signed-releases.md): nobody compares a fingerprint for them, until
// their keys are lost.

import { groupDigits } from '@cargo-tuf/command-line';
import {
  addAnchor,
  fingerprintOf,
  formatRegistryId,
  openReleases,
  parseMirror,
  parseRegistryId,
  readAnchor,
  readListedRoot,
  readReleasesAnchor,
  reanchorRegistry,
  type RegistryId,
  type ReleasesSnapshot,
  trustAnchorRoot,
} from '@cargo-tuf/cargo-tuf-lib';
import { formatTime } from '@cargo-tuf/metadata';
import { type Context, say } from '../context.ts';
import { fail } from '../errors.ts';
import { networkOptions } from '../registries.ts';
import { confirm } from './trust-confirm.ts';

/** Trusts a registry by the highest root that the releases list. */
export async function addListed(context: Context, id: RegistryId, mirrors: readonly string[]): Promise<void> {
  const name = formatRegistryId(id);
  const known = await readAnchor(context.home, id);
  const { version, bytes } = await withReleases(context, readListedRoot);
  // Whoever is trusted already keeps the anchor that its trusted state starts from.
  const root = known?.listed === true ? known.root : bytes;
  await addAnchor(context.home, { registry: id, root, mirrors: mirrors.map(parseMirror), listed: true });
  say(context, `registry      ${name}`);
  say(context, `root          version ${version}, as the signed releases list it`);
  say(context, `fingerprint   ${groupDigits(fingerprintOf(bytes))}`);
  say(context, `${name} is trusted`);
}

/** Takes a listed root that does not follow the one before: its keys were lost. */
export async function reanchor(
  context: Context,
  registry: string,
  { fingerprint }: { readonly fingerprint?: string },
): Promise<void> {
  const id = parseRegistryId(registry);
  const name = formatRegistryId(id);
  await withReleases(context, async releases => {
    const before = await readAnchor(context.home, id);
    if (before === undefined) throw fail('APP_USAGE', `${name}: is not trusted, expected a registry that is`);
    const { version, bytes } = await readListedRoot(releases);
    const { value } = trustAnchorRoot(bytes, before).root;
    say(context, `warning: the root of ${name} is replaced by one that its own keys did not sign`);
    say(context, 'this is right only if the maintainers announced that the keys of the registry were lost');
    say(context, `trusted root  ${groupDigits(before.fingerprint)}`);
    say(context, `listed root   version ${version}, expires ${formatTime(value.expires)}`);
    say(context, `fingerprint   ${groupDigits(fingerprintOf(bytes))}`);
    await confirm(context, fingerprintOf(bytes), fingerprint);
    await reanchorRegistry(context.home, id, releases);
  });
  say(context, `${name} is trusted by the listed root; version floors stay`);
}

async function withReleases<T>(
  context: Context,
  work: (releases: ReleasesSnapshot) => Promise<T>,
): Promise<T> {
  const { home, clock } = context;
  const anchor = await readReleasesAnchor(home);
  const releases = await openReleases({ anchor, home, clock, ...(await networkOptions(context)) });
  try {
    return await releases.exclusive(async held => work(await held.sync()));
  } finally {
    await releases.close();
  }
}
