// Redirects, for artifacts alone: to https and never back; not to a host that is an address literal, which is the way
// into private networks. A server on this machine may redirect to this machine, for tests and local mirrors.

import { escapeText } from '@cargo-tuf/errors';
import type { Answer } from './answer.ts';
import { isAddressLiteral, isLoopback } from './addresses.ts';
import type { Connections } from './connections.ts';
import { fail } from './errors.ts';
import { type RequestPlan, sendRequest } from './request.ts';

export async function followRedirects(
  connections: Connections,
  plan: RequestPlan,
  allowed: number,
): Promise<Answer> {
  let step = plan;
  for (let count = 0; ; count += 1) {
    const answer = await sendRequest(connections, step);
    if (![301, 302, 303, 307, 308].includes(answer.statusCode)) return answer;
    answer.body.discard();
    if (count === allowed) {
      throw fail(
        'HTTP_REDIRECT',
        `${plan.url.href}: redirect number ${count + 1}, expected at most ${allowed}`,
        {
          details: { url: plan.url.href, redirects: count + 1, allowed },
        },
      );
    }
    step = { ...plan, url: redirectTarget(step.url, answer.headers['location']) };
  }
}

function redirectTarget(from: URL, location: string | string[] | undefined): URL {
  const text = typeof location === 'string' && location.length <= 2048 ? location : '';
  const target = text !== '' && URL.canParse(text, from.href) ? new URL(text, from.href) : undefined;
  if (target !== undefined && isAllowed(from, target)) return target;
  throw fail('HTTP_REDIRECT', `${from.href}: redirect to ${escapeText(text)}, expected an https host`, {
    details: { url: from.href, location: text },
  });
}

function isAllowed(from: URL, to: URL): boolean {
  if (to.username !== '' || to.password !== '') return false;
  if (isLoopback(from)) return to.protocol === 'https:' || (to.protocol === 'http:' && isLoopback(to));
  return to.protocol === 'https:' && !isAddressLiteral(to);
}
