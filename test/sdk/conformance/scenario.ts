/** A scenario for both SDKs: the responses of the server, the calls, their expected outcomes and the expected requests. */
export interface Scenario {
  name: string;
  /** The options of the client, with their TypeScript names. */
  client?: Record<string, unknown>;
  /** The responses by `METHOD /path`, in order; the last one is repeated. */
  responses: Record<string, ScriptedResponse[]>;
  calls: Call[];
  /** Whether the calls are made at the same time. */
  together?: boolean;
  /** The result of each call, in order. */
  outcomes: Outcome[];
  /** The requests that the server receives by `METHOD /path`; no others. */
  requests: Record<string, ExpectedRequest[]>;
  /** Whether the hooks are set. One more outcome lists their calls. */
  hooked?: boolean;
  /** By route, the header whose value differs in every request. */
  differ?: Record<string, string>;
  /** Players that cannot do this: synchronous Python has no `signal`, a browser sets its own user agent. */
  not?: Player[];
}

export type Player = 'typescript' | 'browser' | 'python' | 'python-async';

export interface ScriptedResponse {
  status?: number;
  headers?: Record<string, string | (() => string)>;
  body?: unknown;
  /** Sent unchanged, instead of `body`. */
  text?: string;
  /** Instead of a response: the connection closes before or during it, nothing is sent, or it never ends. */
  instead?: 'hang up' | 'half' | 'silence' | 'dribble';
  delayMs?: number;
}

/** One call of a method, with TypeScript names. */
export interface Call {
  /** Whether it is a function of the SDK, and not a method of the client. */
  function?: boolean;
  method: string;
  path?: unknown[];
  body?: unknown;
  query?: Record<string, unknown>;
  options?: Record<string, unknown>;
  /** Cancels the call once the server has received its request, or once the client has received the first response. */
  cancelAfter?: 'request' | 'response';
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
  /** Null means that the header must be absent. Text between slashes is a regular expression. */
  headers?: Record<string, string | null>;
  query?: string;
  body?: unknown;
  /** Milliseconds since the previous request on this route. */
  after?: { atLeast: number; atMost: number };
}

/** A request as the server received it. */
export interface ReceivedRequest {
  at: number;
  query: string;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}
