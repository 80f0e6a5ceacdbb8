// `rustup-tuf trust add`: a person compares the fingerprint of the root.

import {
  addAnchor,
  fingerprintOf,
  parseMirror,
  readAnchor,
  readLocalFile,
  RUST_RELEASES,
  trustAnchorRoot,
} from '@cargo-tuf/cargo-tuf-lib';
import { CLIENT_LIMITS } from '@cargo-tuf/client';
import { formatTime } from '@cargo-tuf/metadata';
import { type Context, say } from '../context.ts';
import { fail } from '../errors.ts';

export interface AddOptions {
  readonly root: string;
  readonly mirror: readonly string[];
  readonly fingerprint?: string;
}

export async function addTrust(context: Context, options: AddOptions): Promise<void> {
  const mirrors = options.mirror.map(parseMirror);
  const root = await readLocalFile(options.root, CLIENT_LIMITS.root);
  if (root === undefined) throw fail('INSTALL_USAGE', `${options.root}: no such file`);
  const { value } = trustAnchorRoot(root, {}).root;
  const keys = value.roles.get('root');
  const fingerprint = fingerprintOf(root);
  say(context, `repository    ${value.repository ?? 'has no id'}`);
  say(context, `root          version ${value.version}, expires ${formatTime(value.expires)}`);
  say(context, `root keys     ${keys?.threshold} of ${keys?.keyIds.length} must sign`);
  say(context, `fingerprint   ${groupDigits(fingerprint)}`);
  const known = await readAnchor(context.home, RUST_RELEASES);
  if (known?.fingerprint !== fingerprint) await confirm(context, fingerprint, options.fingerprint);
  await addAnchor(context.home, { registry: RUST_RELEASES, root, mirrors });
  say(context, 'the releases are trusted');
}

/** Eight groups of eight digits: people compare group by group. */
export function groupDigits(fingerprint: string): string {
  return fingerprint.match(/.{8}/g)?.join(' ') ?? fingerprint;
}

/** First use needs a person who compared, or a fingerprint that somebody compared before. */
async function confirm(context: Context, fingerprint: string, stated: string | undefined): Promise<void> {
  if (stated !== undefined) {
    if (stated.toLowerCase().replaceAll(/[\s:]/g, '') === fingerprint) return;
    throw fail('INSTALL_DECLINED', `fingerprint: ${fingerprint}, expected ${stated.slice(0, 200)}`);
  }
  if (context.ask === undefined) {
    throw fail(
      'INSTALL_NO_TERMINAL',
      'trust: the first use of a root needs a yes at a terminal, and there is none',
    );
  }
  const answer = await context.ask(
    'Is this the fingerprint that the project states? Type "yes" to trust it: ',
  );
  if (answer.trim() !== 'yes') throw fail('INSTALL_DECLINED', 'trust: declined; nothing was changed');
}
