export interface HttpLimits {
  /** To connect, TLS included. */
  readonly connectMs: number;
  /** From the request to the headers of the answer. Some upstreams answer after 25 s. */
  readonly firstByteMs: number;
  /** Between two reads. */
  readonly idleMs: number;
  /** One answer's body may take this long plus its length divided by the minimum rate. */
  readonly totalMs: number;
  readonly metadataRate: MinimumRate;
  readonly artifactRate: MinimumRate;
  /** Redirects that an artifact may take. Metadata takes none. */
  readonly redirects: number;
  /** Bytes of an answer's headers. */
  readonly headerBytes: number;
  /** Connections to one origin. */
  readonly connections: number;
  /** Requests at once on one connection of HTTP/2. */
  readonly streams: number;
  /** How often a failed exchange is repeated. */
  readonly retries: number;
  /** No repetition starts later than this after the first request. */
  readonly retryMs: number;
  /** The longest pause before the first repetition; it doubles each time, and each pause is random below it. */
  readonly pauseMs: number;
  /** How long a mirror that failed is asked last. */
  readonly mirrorMs: number;
}

/** Slow retrieval (TUF specification, section 1.5.2): fewer bytes in a window end the transfer. */
export interface MinimumRate {
  readonly bytesPerSecond: number;
  readonly windowMs: number;
}

export const HTTP_LIMITS: HttpLimits = {
  connectMs: 10_000,
  firstByteMs: 30_000,
  idleMs: 15_000,
  totalMs: 60_000,
  // Shorter than the 20 s within which the local proxy answers, so that cargo is told why.
  metadataRate: { bytesPerSecond: 1024, windowMs: 15_000 },
  artifactRate: { bytesPerSecond: 10_240, windowMs: 30_000 },
  redirects: 3,
  headerBytes: 16_384,
  connections: 16,
  streams: 100,
  retries: 3,
  retryMs: 60_000,
  pauseMs: 500,
  mirrorMs: 60_000,
};
