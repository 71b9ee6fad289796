import type { IncomingMessage, RequestListener } from 'node:http';
import { IhfError } from '../errors.ts';
import type { RecordedResponse, RequestRecorder } from '../observability/recorder.ts';
import { lingeringClose } from './linger.ts';
import { toProblem } from './problem.ts';
import { requestIdOf } from './request-id.ts';

export interface ConcurrencyLimitOptions {
  recorder: RequestRecorder;
  /** Requests that may be under way at once. */
  maxInFlight: number;
  revision(): number;
  /** Answers `GET /metrics`; undefined where that is not this port's business. */
  metrics: RequestListener | undefined;
}

/** Whoever asks whether the hub lives, or how it fares, is answered all the more when it has much to do. */
const ALWAYS = new Set(['/healthz', '/metrics']);

/** What every request meets before the pipeline: it is recorded, and goes on if there is room for it. */
export class ConcurrencyLimit {
  readonly #parts: ConcurrencyLimitOptions;
  inFlight = 0;

  constructor(parts: ConcurrencyLimitOptions) {
    this.#parts = parts;
  }

  /** Puts itself before an app. */
  before(app: RequestListener): RequestListener {
    const { recorder, maxInFlight, metrics } = this.#parts;
    return (request, response) => {
      recorder.begin(request, response);
      if (this.inFlight >= maxInFlight && !ALWAYS.has(request.url ?? '')) return this.#refuse(request, response);
      this.inFlight += 1;
      response.on('close', () => {
        this.inFlight -= 1;
      });
      if (metrics && request.url === '/metrics') metrics(request, response);
      else app(request, response);
    };
  }

  #refuse(request: IncomingMessage, response: RecordedResponse): void {
    const requestId = requestIdOf(request.headers['x-request-id']);
    const detail = `This node has ${this.#parts.maxInFlight} requests under way, as many as it takes. Try again in 1 s.`;
    const extensions = { 'violated-policies': ['in_flight'] };
    const problem = toProblem(new IhfError('unavailable', detail, { extensions }), requestId);
    response.locals = { requestId, problem };
    lingeringClose(request, response);
    response.writeHead(problem.status, {
      'Content-Type': 'application/problem+json',
      'Retry-After': '1',
      'X-Request-Id': requestId,
      'IHF-Contract-Revision': this.#parts.revision(),
    });
    response.end(JSON.stringify(problem));
  }
}
