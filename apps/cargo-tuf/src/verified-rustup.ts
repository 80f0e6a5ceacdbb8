import { findProgram } from '@cargo-tuf/command-line';
// `cargo tuf rustup …`: one run of the unmodified rustup. The proxy is this process's own and ends with rustup, on any free
// port: nothing of rustup's is named by a port, so there is none to share.

import { openSecret, type ProxyEvent, startProxy } from '@cargo-tuf/local-proxy';
import { runChild } from './child-process.ts';
import { type Context, say } from './context.ts';
import { fail } from './errors.ts';
import { proxiedReleases } from './proxied-releases.ts';
import { rustupVariables, secretPath } from './proxy-address.ts';
import { openTrustedReleases } from './releases.ts';

/** Runs rustup on verified releases; gives its exit code, or throws before it ran. */
export async function runVerifiedRustup(context: Context, args: readonly string[]): Promise<number> {
  const rustup = findProgram('rustup', context.environment['PATH']);
  if (rustup === undefined) throw fail('APP_NO_RUSTUP', 'rustup: not found on the path');
  const releases = await openTrustedReleases(context);
  const refusals = new Set<string>();
  const proxy = await startProxy({
    registries: [],
    releases: proxiedReleases(releases),
    port: 0,
    secret: await openSecret(secretPath(context)),
    clock: context.clock,
    onEvent: event => noteRefusal(refusals, event),
  });
  const release = proxy.hold();
  try {
    const environment = { ...context.environment, ...rustupVariables(proxy.port) };
    const { exitCode } = await runChild({ ...context, environment }, rustup, args).catch((cause: unknown) => {
      throw fail('APP_NO_RUSTUP', `${rustup}: cannot be started`, { cause });
    });
    return exitCode;
  } finally {
    release();
    await proxy.close();
    await releases.close();
    for (const message of refusals) say(context, message);
  }
}

/** Of most refusals rustup shows a status alone. Paths outside of the grammar are those of rustup's older manifests. */
function noteRefusal(refusals: Set<string>, { kind, status, message }: ProxyEvent): void {
  if ((kind === 'refused' || kind === 'failed') && status !== 400) refusals.add(message);
}
