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
import { confirmFingerprint, groupDigits } from '@cargo-tuf/command-line';
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
  if (known?.fingerprint !== fingerprint)
    await confirmFingerprint({
      fingerprint,
      stated: options.fingerprint,
      from: 'the project',
      ask: context.ask,
      declined: message => fail('INSTALL_DECLINED', message),
      noTerminal: message => fail('INSTALL_NO_TERMINAL', message),
    });
  await addAnchor(context.home, { registry: RUST_RELEASES, root, mirrors });
  say(context, 'the releases are trusted');
}
