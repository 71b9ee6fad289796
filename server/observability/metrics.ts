import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What is read when somebody asks, and not before. */
export interface MetricsSources {
  inFlight(): number;
  log: { readonly written: number; readonly dropped: number; readonly waiting: number };
}

/** Why a request was not let in. */
export type Denial = 'minute' | 'day' | 'in_flight';

const DURATIONS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Figures for Prometheus. Labels come from closed lists alone: an operation's id, never an address. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests: Counter<'operation' | 'status'>;
  readonly #durations: Histogram<'operation'>;
  readonly #denials: Counter<'reason'>;
  readonly #broken: Counter<'status'>;

  constructor(sources: MetricsSources) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#requests = new Counter({
      ...{ name: 'ihf_requests_total', help: 'Requests answered.', registers },
      labelNames: ['operation', 'status'],
    });
    this.#durations = new Histogram({
      ...{ name: 'ihf_request_duration_seconds', help: 'From the headers of a request to the end of its answer.' },
      ...{ buckets: DURATIONS, labelNames: ['operation'], registers },
    });
    this.#denials = new Counter({
      ...{ name: 'ihf_admission_denials_total', help: 'Requests that a limit kept out.', registers },
      labelNames: ['reason'],
    });
    this.#broken = new Counter({
      ...{
        name: 'ihf_broken_requests_total',
        help: 'What came in and was no request, or never became one.',
        registers,
      },
      labelNames: ['status'],
    });
    new Gauge({
      ...{ name: 'ihf_requests_in_flight', help: 'Requests under way.', registers },
      collect() {
        this.set(sources.inFlight());
      },
    });
    new Gauge({
      ...{ name: 'ihf_request_log_rows_waiting', help: 'Rows that wait to be written to the request log.', registers },
      collect() {
        this.set(sources.log.waiting);
      },
    });
    new Counter({
      ...{ name: 'ihf_request_log_rows_total', help: 'Rows of the request log, by what became of them.', registers },
      labelNames: ['fate'],
      collect() {
        this.reset();
        this.inc({ fate: 'written' }, sources.log.written);
        this.inc({ fate: 'dropped' }, sources.log.dropped);
      },
    });
  }

  /** @param operation undefined where the contract has nothing at the address. */
  completed(operation: string | undefined, status: number | null, seconds: number): void {
    const label = operation ?? 'none';
    this.#requests.inc({ operation: label, status: status ?? 'abandoned' });
    this.#durations.observe({ operation: label }, seconds);
  }

  denied(reason: Denial): void {
    this.#denials.inc({ reason });
  }

  malformed(status: number): void {
    this.#broken.inc({ status });
  }

  get mediaType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
