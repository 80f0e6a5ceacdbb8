// From a route to an answer: the part of the proxy that asks registries.

import type { Answer } from './answer.ts';
import type { ProxyLimits } from './limits.ts';
import { refusalMessage } from './message.ts';
import type { Pins } from './pins.ts';
import type { ProxyRegistry } from './registry.ts';
import type { Route } from './routes.ts';

export type RegistryRoute = Extract<Route, { slug: string }>;

export class Answers {
  readonly #registries: () => readonly ProxyRegistry[];
  readonly #pins: Pins;
  readonly #limits: ProxyLimits;
  readonly #port: () => number;
  /** Work that outlived its request, so that the next request for the same finds it. */
  readonly #pending: Map<string, Promise<Answer>> = new Map();

  constructor(registries: () => readonly ProxyRegistry[], pins: Pins, limits: ProxyLimits, port: () => number) {
    this.#registries = registries;
    this.#pins = pins;
    this.#limits = limits;
    this.#port = port;
  }

  /** The answer to a route, or `waiting` when it takes longer than cargo would wait; the work then goes on. */
  async answer(route: RegistryRoute, path: string): Promise<Answer> {
    const registry = this.#registries().find(each => each.slug === route.slug);
    if (registry === undefined) {
      return { kind: 'text', status: 403, message: `cargo-tuf refused ${path}: no such registry is trusted [PROXY_ARGUMENT]` };
    }
    const work = this.#pending.get(path) ?? this.#begin(registry, route, path);
    return this.#within(work, path);
  }

  #begin(registry: ProxyRegistry, route: RegistryRoute, path: string): Promise<Answer> {
    const work = this.#ask(registry, route).catch(
      (error: unknown): Answer => ({ kind: 'text', status: 403, message: refusalMessage(nameOf(route), error) }),
    );
    this.#pending.set(path, work);
    return work;
  }

  async #within(work: Promise<Answer>, path: string): Promise<Answer> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Answer>(resolve => {
      timer = setTimeout(() => resolve({ kind: 'waiting' }), this.#limits.answer);
    });
    const answer = await Promise.race([work, late]);
    clearTimeout(timer);
    if (answer.kind !== 'waiting' && this.#pending.get(path) === work) this.#pending.delete(path);
    return answer;
  }

  async #ask(registry: ProxyRegistry, route: RegistryRoute): Promise<Answer> {
    const pinned = await this.#pins.state(registry, route.kind === 'config');
    if (route.kind === 'config') return json({ dl: this.#downloadTemplate(registry.slug) });
    if (route.kind === 'entry') {
      const entry = await pinned.entry(route.name);
      if (entry === undefined) return { kind: 'absent' };
      pinned.prefetch?.(route.name);
      return { kind: 'bytes', bytes: entry.bytes, type: 'text/plain', tag: entry.sha256 };
    }
    const bytes = await pinned.crate(route.name, route.version, route.sha256);
    if (bytes !== undefined) return { kind: 'bytes', bytes, type: 'application/gzip', tag: route.sha256 };
    const message = `${route.name} ${route.version}: the signed index has no such version with checksum ${route.sha256}`;
    return { kind: 'text', status: 404, message: `cargo-tuf refused ${message} [PROXY_NO_CRATE]` };
  }

  #downloadTemplate(slug: string): string {
    return `http://127.0.0.1:${this.#port()}/${slug}/dl/{crate}/{version}/{sha256-checksum}.crate`;
  }
}

function nameOf(route: RegistryRoute): string {
  if (route.kind === 'config') return `the index of ${route.slug}`;
  return route.kind === 'entry' ? route.name : `${route.name} ${route.version}`;
}

function json(value: unknown): Answer {
  return { kind: 'bytes', bytes: Buffer.from(JSON.stringify(value)), type: 'application/json' };
}
