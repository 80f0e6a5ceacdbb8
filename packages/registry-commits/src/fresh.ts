import { formatTime } from '@cargo-tuf/metadata';
import { fail } from './errors.ts';

export interface Freshness {
  readonly now: number;
  /** For the operator, who builds upon a tip that may have expired since: renewing it is the way out. Never for a client. */
  readonly mayBeExpired?: boolean;
}

/** Throws `REGISTRY_EXPIRED`. */
export function assertFresh(subject: string, expires: number, { now, mayBeExpired }: Freshness): void {
  // Written so that NaN refuses.
  if (now < expires || mayBeExpired === true) return;
  const time = now >= 0 ? formatTime(now) : String(now);
  throw fail('REGISTRY_EXPIRED', `${subject}: expired ${formatTime(expires)}, and it is ${time}`, {
    details: { expires, now },
  });
}
