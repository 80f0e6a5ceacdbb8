// Where the requests to one origin go, HTTP/1.1 and HTTP/2 alike, and how an answer comes back piece by piece. The streams of
// Node do the same with several objects for each request, which costs more than the request when many small files are fetched.

export type Headers = Readonly<Record<string, string | string[] | undefined>>;

export interface Channel {
  /** Sends `GET path`; everything that comes of it goes to `listener`, and nothing of it before this returns. */
  send(path: string, headers: Readonly<Record<string, string>>, listener: Listener): Transfer;
  /** Ends every transfer; no request is sent after that. */
  close(): void;
}

/** One answer: `onAnswer` and `onData` first, then `onEnd` or `onError`, once. */
export interface Listener {
  readonly onAnswer: (statusCode: number, headers: Headers) => void;
  readonly onData: (chunk: Uint8Array) => void;
  readonly onEnd: () => void;
  readonly onError: (error: Error) => void;
}

/** A request under way. */
export interface Transfer {
  pause(): void;
  resume(): void;
  /** Ends it: `onError` gets `reason`, unless the answer has ended. */
  abort(reason: Error): void;
}
