import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { metricsText } from './cluster-metrics.ts';

/** Read at each scrape. */
export interface MetricsSources {
  inFlight(): number;
  log: { readonly written: number; readonly dropped: number; readonly waiting: number };
}

/** The limit that rejected a request. */
export type Limit = 'minute' | 'day' | 'in_flight' | 'share' | 'anonymous';

const DURATIONS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Metrics for Prometheus. Label values come from closed lists, such as operation ids. A path could hold anything. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests: Counter<'operation' | 'status'>;
  readonly #durations: Histogram<'operation'>;
  readonly #rejected: Counter<'reason'>;
  readonly #malformed: Counter<'status'>;
  readonly #unlogged: Counter;
  /** The samples of all metrics, as text. */
  readonly text: () => Promise<string>;

  constructor(sources: MetricsSources) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.text = metricsText(this.#registry);
    this.#requests = new Counter({
      ...{ name: 'ihf_requests_total', help: 'Requests, by operation and response status.', registers },
      labelNames: ['operation', 'status'],
    });
    this.#durations = new Histogram({
      ...{
        name: 'ihf_request_duration_seconds',
        help: 'Time from the headers of a request to the end of its response.',
      },
      ...{ buckets: DURATIONS, labelNames: ['operation'], registers },
    });
    this.#rejected = new Counter({
      ...{ name: 'ihf_rejected_requests_total', help: 'Requests rejected by a limit, by reason.', registers },
      labelNames: ['reason'],
    });
    this.#malformed = new Counter({
      ...{
        name: 'ihf_malformed_requests_total',
        help: 'Connections rejected before a valid HTTP request was parsed, by response status.',
        registers,
      },
      labelNames: ['status'],
    });
    this.#unlogged = new Counter({
      ...{ name: 'ihf_unlogged_requests_total', help: 'Anonymous requests left out of the request log.', registers },
    });
    new Gauge({
      ...{ name: 'ihf_requests_in_flight', help: 'Requests in flight.', registers },
      collect() {
        this.set(sources.inFlight());
      },
    });
    new Gauge({
      ...{ name: 'ihf_request_log_rows_waiting', help: 'Rows waiting to be written to the request log.', registers },
      collect() {
        this.set(sources.log.waiting);
      },
    });
    new Counter({
      ...{
        name: 'ihf_request_log_rows_total',
        help: 'Rows of the request log, by result: written or dropped.',
        registers,
      },
      labelNames: ['result'],
      collect() {
        this.reset();
        this.inc({ result: 'written' }, sources.log.written);
        this.inc({ result: 'dropped' }, sources.log.dropped);
      },
    });
  }

  /**
   * @param operation undefined for an unknown path.
   * @param status null if the client disconnected before the end of the response.
   */
  completed(operation: string | undefined, status: number | null, seconds: number): void {
    const label = operation ?? 'none';
    this.#requests.inc({ operation: label, status: status ?? 'abandoned' });
    this.#durations.observe({ operation: label }, seconds);
  }

  rejected(limit: Limit): void {
    this.#rejected.inc({ reason: limit });
  }

  unlogged(): void {
    this.#unlogged.inc();
  }

  malformed(status: number): void {
    this.#malformed.inc({ status });
  }

  get mediaType(): string {
    return this.#registry.contentType;
  }
}
