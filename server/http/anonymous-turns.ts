import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { hasBody } from './has-body.ts';
import { contextOf, requiredContext } from './request-context.ts';

type Step = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** Turns at a time, each of another IP address (an IPv6 /64 network). */
const TURNS = 4;
/** A turn ends after this many milliseconds even without a response: one that waits uses no CPU. */
const TURN_MS = 100;

/**
 * Processes requests without a credential few at a time, in turns of their IP addresses, so that many of them at once do
 * not delay those of callers. A turn begins when the body has arrived.
 */
export class AnonymousTurns {
  readonly #turnMs: number;
  readonly #running = new Set<string>();
  /** The waiting requests of each IP address. The one that has waited longest for a turn comes first. */
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(turnMs = TURN_MS) {
    this.#turnMs = turnMs;
  }

  /** Wraps the app: a request without a body waits here. */
  wrap(app: RequestListener): RequestListener {
    return (request, response) => {
      if (hasBody(request.headers)) app(request, response);
      else this.#inTurn(response, () => app(request, response));
    };
  }

  /** The step after the body of a request was read. */
  afterBody(): Step {
    return (request, response, next) => {
      if (hasBody(request.headers)) this.#inTurn(response, next);
      else next();
    };
  }

  #inTurn(response: ServerResponse, run: () => void): void {
    if (contextOf(response).isAnonymous) this.#wait(requiredContext(response, 'source').network, response, run);
    else run();
  }

  #wait(network: string, response: ServerResponse, run: () => void): void {
    const begin = () => {
      // The client has disconnected.
      if (response.closed) return;
      this.#running.add(network);
      let hasEnded = false;
      const end = () => {
        if (hasEnded) return;
        hasEnded = true;
        clearTimeout(timer);
        // Not at once: callers' requests that have arrived meanwhile come first.
        setImmediate(() => {
          this.#running.delete(network);
          this.#beginNext();
        });
      };
      const timer = setTimeout(end, this.#turnMs);
      // Not `finish`: a client that reads its response slowly would prolong its turn.
      response.once('prefinish', end);
      response.once('close', end);
      run();
    };
    const waiting = this.#waiting.get(network);
    if (waiting) waiting.push(begin);
    else this.#waiting.set(network, [begin]);
    this.#beginNext();
  }

  #beginNext(): void {
    for (const [network, waiting] of this.#waiting) {
      if (this.#running.size >= TURNS) return;
      if (this.#running.has(network)) continue;
      // Removed and added again, it is the last one.
      this.#waiting.delete(network);
      const begin = waiting.shift();
      if (waiting.length > 0) this.#waiting.set(network, waiting);
      begin?.();
    }
  }
}
