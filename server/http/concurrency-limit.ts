import type { RequestListener } from 'node:http';
import { IhfError } from '../errors.ts';
import { sendProblem } from './problem-response.ts';

/** About one second of requests on two cores: a longer queue only adds waiting time. */
export const DEFAULT_MAX_IN_FLIGHT = 1_000;

/** Liveness and metrics are most needed while the node is at its limit. */
const EXEMPT = new Set(['/healthz', '/metrics']);

/** Rejects requests beyond a maximum number in flight. It wraps the app: an overloaded node must not run its steps. */
export class ConcurrencyLimit {
  readonly #maxInFlight: number;
  inFlight = 0;

  constructor(maxInFlight: number) {
    this.#maxInFlight = maxInFlight;
  }

  /** A listener that passes requests to `app` while there is capacity. */
  wrap(app: RequestListener): RequestListener {
    return (request, response) => {
      if (this.inFlight >= this.#maxInFlight && !EXEMPT.has(request.url ?? '')) {
        sendProblem(request, response, this.#atLimit());
        return;
      }
      this.inFlight += 1;
      response.on('close', () => {
        this.inFlight -= 1;
      });
      app(request, response);
    };
  }

  #atLimit(): IhfError {
    const detail = `This node is at its limit of ${this.#maxInFlight} concurrent requests. Retry in 1 s.`;
    return new IhfError('unavailable', detail, {
      headers: { 'Retry-After': '1' },
      extensions: { 'violated-policies': ['in_flight'] },
    });
  }
}
