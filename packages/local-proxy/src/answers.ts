// From a route to an answer: the part of the proxy that asks registries.

import { type Answer, checkTag, refusalOf } from './answer.ts';
import { fail } from './errors.ts';
import type { ProxyLimits } from './limits.ts';
import { refusalMessage } from './message.ts';
import type { Pin, Pins } from './pins.ts';
import type { PinnedRegistry, ProxyRegistry } from './registry.ts';
import type { Route } from './routes.ts';

export type RegistryRoute = Extract<Route, { slug: string }>;

export class Answers {
  readonly #registries: () => readonly ProxyRegistry[];
  readonly #pins: Pins;
  readonly #limits: ProxyLimits;
  readonly #port: () => number;
  /** Work by target, for each pin: what one run asked for is no answer to another run. */
  readonly #works: WeakMap<Pin, Map<string, Promise<Answer>>> = new WeakMap();

  constructor(
    registries: () => readonly ProxyRegistry[],
    pins: Pins,
    limits: ProxyLimits,
    port: () => number,
  ) {
    this.#registries = registries;
    this.#pins = pins;
    this.#limits = limits;
    this.#port = port;
  }

  /** The answer to a route, or `waiting` when it takes longer than cargo would wait; the work then goes on. */
  async answer(route: RegistryRoute, target: string): Promise<Answer> {
    const registry = this.#registries().find(each => each.slug === route.slug);
    if (registry === undefined) {
      return refusalOf(nameOf(route), fail('PROXY_NO_REGISTRY', `no registry ${route.slug} is trusted`));
    }
    if (route.kind === 'none') return { kind: 'absent', message: 'no crate can have this index path' };
    const end = this.#pins.begin();
    try {
      return await this.#answerPinned(registry, route, target);
    } finally {
      end();
    }
  }

  async #answerPinned(registry: ProxyRegistry, route: RegistryRoute, target: string): Promise<Answer> {
    const pin = this.#pins.pin(registry);
    const works = this.#worksOf(pin);
    const work = works.get(target) ?? this.#begin(pin, registry, route);
    works.set(target, work);
    const answer = await this.#inTime(work);
    if (answer.kind === 'waiting') {
      // The answer stays for the request that cargo makes again, and no longer: an archive is large.
      const forget = (): void => void setTimeout(() => works.delete(target), this.#limits.kept).unref();
      work.then(forget, forget);
    } else {
      works.delete(target);
      pin.told = true;
    }
    return answer;
  }

  #worksOf(pin: Pin): Map<string, Promise<Answer>> {
    const works = this.#works.get(pin) ?? new Map<string, Promise<Answer>>();
    this.#works.set(pin, works);
    return works;
  }

  #begin(pin: Pin<PinnedRegistry>, registry: ProxyRegistry, route: RegistryRoute): Promise<Answer> {
    return this.#ask(pin, registry, route).catch((error: unknown) => refusalOf(nameOf(route), error));
  }

  async #inTime(work: Promise<Answer>): Promise<Answer> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Answer>(resolve => {
      timer = setTimeout(() => resolve({ kind: 'waiting' }), this.#limits.answer);
    });
    const answer = await Promise.race([work, late]);
    clearTimeout(timer);
    return answer;
  }

  async #ask(pin: Pin<PinnedRegistry>, registry: ProxyRegistry, route: RegistryRoute): Promise<Answer> {
    const pinned = await pin.state;
    if (route.kind === 'entry') {
      const entry = await pinned.entry(route.name);
      if (entry === undefined)
        return { kind: 'absent', message: 'the signed index proves that there is none' };
      pinned.prefetch?.(route.name);
      return { kind: 'bytes', bytes: entry.bytes, type: 'text/plain', tag: checkTag(entry.sha256) };
    }
    if (route.kind !== 'crate') return json({ dl: this.#downloadTemplate(registry.slug) });
    const { name, version, sha256 } = route;
    const bytes = await pinned.crate(name, version, sha256);
    if (bytes !== undefined) return { kind: 'bytes', bytes, type: 'application/gzip', tag: sha256 };
    const message = `the signed index has no such version with checksum ${sha256}`;
    return {
      kind: 'absent',
      message: refusalMessage(nameOf(route), fail('PROXY_NO_CRATE', message)),
    };
  }

  #downloadTemplate(slug: string): string {
    return `http://127.0.0.1:${this.#port()}/${slug}/dl/{crate}/{version}/{sha256-checksum}.crate`;
  }
}

function nameOf(route: RegistryRoute): string {
  if (route.kind === 'crate') return `${route.name} ${route.version}`;
  return route.kind === 'entry' ? route.name : `the index of ${route.slug}`;
}

function json(value: unknown): Answer {
  return { kind: 'bytes', bytes: Buffer.from(JSON.stringify(value)), type: 'application/json' };
}
