// How long requests take in theory: every round waits for a round trip, once for each batch of as many requests as go at once, and bytes
// take their time on the line.

export type Protocol = 'HTTP/1.1' | 'HTTP/2';

/** Connections, or requests under way on one, as our client has them. */
const AT_ONCE: Readonly<Record<Protocol, number>> = { 'HTTP/1.1': 16, 'HTTP/2': 64 };
/** 50 Mbit/s, in bytes a millisecond. */
const LINE = 6_250;

export function modelledLatency(
  { perRound, bytes }: { readonly perRound: readonly number[]; readonly bytes: number },
  protocol: Protocol,
  roundTrip: number,
  bytesPerMillisecond: number = LINE,
): number {
  const trips = perRound.reduce((sum, requests) => sum + Math.ceil(requests / AT_ONCE[protocol]), 0);
  return trips * roundTrip + bytes / bytesPerMillisecond;
}
