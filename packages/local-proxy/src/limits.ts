/** What the proxy allows its clients and itself. Times in milliseconds. */
export interface ProxyLimits {
  /** Characters of a request target: longer ones name nothing that exists. */
  readonly target: number;
  /** Time until the request's headers are complete: slow ones hold a connection. */
  readonly headers: number;
  /** Time until the whole request is there. */
  readonly request: number;
  /** Time without a byte in either direction on a connection: one that does not read its answer holds memory. */
  readonly idle: number;
  /** Connections at once. */
  readonly connections: number;
  /** Requests at once on one connection of HTTP/2. */
  readonly streams: number;
  /** Time within which an answer begins; cargo gives up after 30 s. */
  readonly answer: number;
  /** Time without a byte on a connection that waits for a release; rustup gives up after 180 s. */
  readonly release: number;
  /** Time that rustup is given to unpack an archive before it is told that another one is refused. */
  readonly unpacking: number;
  /** Time that an answer which came too late waits for its request to be made again. */
  readonly kept: number;
  /** Requests with shorter pauses between them belong to one run of cargo. */
  readonly runPause: number;
  /** Time that a pinned snapshot is used at most. */
  readonly pin: number;
  /** Time that must pass before a failed pin is tried again. */
  readonly retryPin: number;
  /** Time that a nonce for a caller's proof stays good. */
  readonly nonce: number;
}

export const PROXY_LIMITS: ProxyLimits = {
  target: 2048,
  headers: 10_000,
  request: 30_000,
  idle: 60_000,
  connections: 256,
  streams: 256,
  answer: 20_000,
  release: 180_000,
  unpacking: 20_000,
  kept: 60_000,
  runPause: 15_000,
  pin: 6 * 60 * 60 * 1000,
  retryPin: 1000,
  nonce: 10_000,
};

/** Bytes of a large file that wait for a client before the mirror is told to wait. */
export const WAITING_BYTES: number = 512 * 1024;
/** Bytes of all headers of a request. */
export const HEADER_BYTES = 8192;
/** Headers of a request; cargo sends eight. */
export const HEADER_COUNT = 64;
/** Characters of an answer that cargo shows. */
export const MESSAGE_CHARACTERS = 512;
/** Seconds after which cargo shall ask again; it waits at most 10. */
export const RETRY_SECONDS = 5;
/** Milliseconds that a connection waits for its next request. */
export const KEEP_ALIVE = 5000;
