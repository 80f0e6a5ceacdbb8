import { fail } from './errors.ts';
import type { ProxyEvent } from './events.ts';
import type { ProxyLimits } from './limits.ts';
import { printable } from './printable.ts';
import type { ProxyRegistry } from './registry.ts';
import { type ProxyReleases, RELEASES_SLUG } from './releases.ts';
import { SECRET_BYTES } from './secret.ts';

export interface ProxyOptions {
  /** A function is asked for each request: registries can come and go. */
  readonly registries: readonly ProxyRegistry[] | (() => readonly ProxyRegistry[]);
  /** Rust releases, below `/rust-releases/`; a function as above. */
  readonly releases?: ProxyReleases | (() => ProxyReleases | undefined);
  /** 0 takes any free port. */
  readonly port: number;
  /** 32 bytes, as `openSecret` gives them. */
  readonly secret: Uint8Array;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly limits?: Partial<ProxyLimits>;
  readonly onEvent?: (event: ProxyEvent) => void;
  /** A caller that knows the secret asks the proxy to end. */
  readonly onStop?: () => void;
}

export interface Proxy {
  readonly port: number;
  /** `http://127.0.0.1:<port>/` */
  readonly url: string;
  /** Keeps the run alive until the result is called. */
  hold(): () => void;
  /** Resolves when no other process holds a run. */
  released(): Promise<void>;
  /** Stops listening and ends every connection. */
  close(): Promise<void>;
}

/** Starts a proxy on loopback. Throws `PROXY_PORT_TAKEN`, `PROXY_ARGUMENT`. */
export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  checkOptions(options);
  // Servers of two versions of HTTP take a while to load; whoever only asks a proxy for something needs none.
  const { RunningProxy } = await import('./running-proxy.ts');
  const running = new RunningProxy(options);
  await running.listen();
  return running;
}

function checkOptions({ registries, secret, port }: ProxyOptions): void {
  if (secret.length !== SECRET_BYTES) {
    throw fail('PROXY_ARGUMENT', `secret: ${secret.length} bytes, expected ${SECRET_BYTES}`);
  }
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw fail('PROXY_ARGUMENT', `port: ${port}, expected 0 to 65535`);
  }
  const known = typeof registries === 'function' ? registries() : registries;
  const slugs = [RELEASES_SLUG, ...known.map(each => each.slug)];
  const wrong = slugs.find((slug, at) => !/^[a-z0-9-]{1,64}$/.test(slug) || slugs.indexOf(slug) !== at);
  if (wrong === undefined) return;
  throw fail('PROXY_ARGUMENT', `slug: "${printable(wrong)}", expected distinct names of a-z, 0-9 and -`);
}
