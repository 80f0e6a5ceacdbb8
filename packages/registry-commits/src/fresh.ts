import { formatTime } from '@cargo-tuf/metadata';
import { fail } from './errors.ts';

/** Throws `REGISTRY_EXPIRED`. */
export function assertFresh(subject: string, expires: number, now: number): void {
  // Written so that NaN refuses.
  if (now < expires) return;
  const time = now >= 0 ? formatTime(now) : String(now);
  throw fail('REGISTRY_EXPIRED', `${subject}: expired ${formatTime(expires)}, and it is ${time}`, {
    details: { expires, now },
  });
}
