/** A scenario that both SDKs must play alike: what the hub answers, what is called, and what must be seen of it. */
export interface Scenario {
  name: string;
  /** The options of the client, in TypeScript's words. */
  client?: Record<string, unknown>;
  /** What the hub answers by `METHOD /path`, one after the other; the last is given again and again. */
  answers: Record<string, Answer[]>;
  calls: Call[];
  /** Whether the calls are made at the same time. */
  together?: boolean;
  /** What becomes of the calls, one by one. */
  outcomes: Outcome[];
  /** The requests that the hub gets by `METHOD /path`; no others. */
  requests: Record<string, ExpectedRequest[]>;
  /** Whether the hooks are set. One more outcome tells what they saw. */
  hooked?: boolean;
  /** By route, the header that every request has a value of its own in. */
  differ?: Record<string, string>;
  /** For what a player has no word, `signal` in synchronous Python, or no say, the user agent in a browser. */
  not?: Player[];
}

export type Player = 'typescript' | 'browser' | 'python' | 'python-async';

export interface Answer {
  status?: number;
  headers?: Record<string, string | (() => string)>;
  body?: unknown;
  /** Sent as it is, in place of `body`. */
  text?: string;
  /** In place of an answer: the connection is closed before it or in its middle, nothing comes, or never the end. */
  instead?: 'hang up' | 'half' | 'silence' | 'dribble';
  delayMs?: number;
}

/** One use of a method, in TypeScript's words. */
export interface Call {
  /** Whether it is a function of the SDK, and not a method of the client. */
  function?: boolean;
  method: string;
  path?: unknown[];
  body?: unknown;
  query?: Record<string, unknown>;
  options?: Record<string, unknown>;
}

/** Text between slashes is a regular expression. */
export type Outcome =
  | { value: unknown }
  | {
      error: string;
      status?: number;
      message?: string;
      retryAfter?: number;
      parents?: string[];
      errors?: unknown;
      requestId?: string;
    };

export interface ExpectedRequest {
  /** Null where there must be none. Text between slashes is a regular expression. */
  headers?: Record<string, string | null>;
  query?: string;
  body?: unknown;
  /** Milliseconds since the request before it on this route. */
  after?: { atLeast: number; atMost: number };
}

/** A request as the hub saw it. */
export interface SeenRequest {
  at: number;
  query: string;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}
