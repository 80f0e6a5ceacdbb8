import { print } from '@cargo-tuf/command-line';
import type { RegistryId } from '@cargo-tuf/cargo-tuf-lib';
import { openSecret, type ProxyEvent, startProxy, stopProxy } from '@cargo-tuf/local-proxy';
import { Command } from 'commander';
import { type Context, say } from '../context.ts';
import { ensureDaemon } from '../daemon.ts';
import { proxiedRegistry, syncAhead } from '../proxied-registry.ts';
import { proxiedReleases } from '../proxied-releases.ts';
import { indexUrl, parsePort, readPort, rustupVariables, secretPath } from '../proxy-address.ts';
import { openTrusted, type Trusted } from '../releases.ts';

interface ProxyOptions {
  readonly port?: string;
  readonly background?: boolean;
  readonly stop?: boolean;
  readonly json?: boolean;
}

export function proxyCommand(context: Context): Command {
  return new Command('proxy')
    .description('run the verifying proxy until it is interrupted')
    .option('--port <number>', 'the port to listen on')
    .option('--background', 'start it in the background, unless it runs, and return')
    .option('--stop', 'end the one in the background')
    .option('--json', 'print one JSON object a line: what was served and what was refused')
    .addHelpText(
      'after',
      '\nExamples:\n  cargo tuf proxy\n  cargo tuf proxy --background\n  cargo tuf proxy --stop\n',
    )
    .action(async (options: ProxyOptions) => {
      if (options.stop) await stop(context);
      else if (options.background) await ensureDaemon(context);
      else await serve(context, options);
    });
}

async function stop(context: Context): Promise<void> {
  const stopped = await stopProxy(await readPort(context), await openSecret(secretPath(context)));
  say(context, stopped ? 'the proxy was stopped' : 'no proxy runs');
}

async function serve(context: Context, options: ProxyOptions): Promise<void> {
  const trusted = await openTrusted(context);
  const { registries, releases } = trusted;
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>(resolve => {
    stop = resolve;
  });
  const ahead = new Map<RegistryId, ReturnType<typeof syncAhead>>();
  const proxy = await startProxy({
    registries: registries.map(registry =>
      proxiedRegistry(registry, { offline: false, ahead: () => ahead.get(registry.id)?.() }),
    ),
    ...(releases && { releases: proxiedReleases(releases) }),
    port: options.port === undefined ? await readPort(context) : parsePort(options.port),
    secret: await openSecret(secretPath(context)),
    clock: context.clock,
    onEvent: event => report(context, event, options.json === true),
    onStop: stop,
  });
  for (const registry of registries)
    ahead.set(
      registry.id,
      syncAhead(registry, error => sayError(context, error)),
    );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  if (!options.json) printAddresses(context, proxy.port, trusted);
  await stopped;
  await proxy.close();
  await trusted.close();
}

function printAddresses(context: Context, port: number, { registries, releases }: Trusted): void {
  for (const registry of registries) print(context, indexUrl(port, registry));
  if (releases === undefined) return;
  for (const [name, value] of Object.entries(rustupVariables(port))) print(context, `${name}=${value}`);
}

function sayError(context: Context, error: unknown): void {
  say(context, error instanceof Error ? error.message : String(error));
}

function report(context: Context, event: ProxyEvent, json: boolean): void {
  if (json) context.stdout.write(`${JSON.stringify(event)}\n`);
  else if (event.kind === 'refused' || event.kind === 'failed')
    say(context, `${event.kind} ${event.path}: ${event.message}`);
}
