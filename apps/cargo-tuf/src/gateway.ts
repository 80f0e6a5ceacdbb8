// How one run of cargo reaches the proxy: either this process listens itself until cargo ends, or it holds a run at a
// proxy that proved that it is this user's. Never anything else that listens on the port.

import type { Registry, RegistrySnapshot } from '@cargo-tuf/cargo-tuf-lib';
import { isTufError } from '@cargo-tuf/errors';
import { holdProxy, openSecret, type Proxy, proveProxy, startProxy } from '@cargo-tuf/local-proxy';
import type { Context } from './context.ts';
import { say } from './context.ts';
import { fail } from './errors.ts';
import { proxiedRegistry } from './proxied-registry.ts';
import { readPort, secretPath, writePort } from './proxy-address.ts';

export interface Gateway {
  readonly port: number;
  /** False where another process of this user serves, with snapshots of its own. */
  readonly own: boolean;
  close(): Promise<void>;
}

export interface GatewayOptions {
  readonly registries: readonly Registry[];
  readonly offline: boolean;
  readonly port: number | undefined;
  /** Listen even where a proxy of this user could be used. */
  readonly alone: boolean;
  readonly onPin?: (snapshot: RegistrySnapshot) => void;
}

export async function openGateway(context: Context, options: GatewayOptions): Promise<Gateway> {
  const stated = options.port ?? (await readPort(context));
  const secret = await openSecret(secretPath(context));
  const listen = (port: number): ReturnType<typeof startProxy> =>
    startProxy({
      registries: options.registries.map(registry =>
        proxiedRegistry(registry, {
          offline: options.offline,
          ...(options.onPin && { onPin: options.onPin }),
        }),
      ),
      port,
      secret,
      clock: context.clock,
    });
  for (let attempt = 0; ; attempt++) {
    try {
      const proxy = await listen(stated);
      if (options.port === undefined) await writePort(context, proxy.port);
      return ownGateway(context, proxy);
    } catch (error) {
      if (!isTufError(error, 'PROXY_PORT_TAKEN')) throw error;
    }
    const answer = await proveProxy(stated, secret);
    if (answer === 'ours' && !options.alone) {
      const held = await holdProxy(stated, secret);
      return { port: stated, own: false, close: async () => held.release() };
    }
    if (answer === 'absent' && attempt < 3) continue;
    if (options.port !== undefined) {
      throw fail('APP_PORT_TAKEN', `port ${stated}: taken by a program that is not this user's proxy`);
    }
    return listenElsewhere(context, stated, answer, listen);
  }
}

/** Another port is another cache folder for cargo: crates are downloaded again, from us. Nothing is less verified. */
async function listenElsewhere(
  context: Context,
  stated: number,
  answer: string,
  listen: (port: number) => ReturnType<typeof startProxy>,
): Promise<Gateway> {
  if (answer !== 'ours') {
    say(
      context,
      `warning: port ${stated} is taken by a program that is not this user's proxy; another port is used`,
    );
  }
  return ownGateway(context, await listen(0));
}

/** A run of another process that uses this proxy is let to its end: the port must not fall to a stranger under it. */
function ownGateway(context: Context, proxy: Proxy): Gateway {
  const release = proxy.hold();
  return {
    port: proxy.port,
    own: true,
    close: async () => {
      release();
      const waiting = setTimeout(
        () => say(context, 'waiting for another cargo run that uses this proxy'),
        1000,
      );
      await proxy.released();
      clearTimeout(waiting);
      await proxy.close();
    },
  };
}
