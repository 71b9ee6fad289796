import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Problem } from '../http/problem.ts';
import { contextOf } from '../http/request-context.ts';
import type { LoggedRequest } from '../store/request-log/request-log.ts';
import type { Denial, Metrics } from './metrics.ts';
import { redactProblem } from './problem-redaction.ts';

export interface RecorderParts {
  /** The numbers of the operations in the log. */
  numbers: ReadonlyMap<string, number>;
  /** The operation at an address that the pipeline does not route. */
  unrouted(method: string, url: string): string | undefined;
  revision(): number;
  note(request: LoggedRequest): void;
  metrics: Metrics | undefined;
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']);
const SDK = /^(typescript|python); revision=(\d{1,9})$/;

/** Records every answer, whatever it is and whoever gives it: one row in the log, and the metrics. */
export class RequestRecorder {
  readonly #parts: RecorderParts;
  /** How much of a connection's traffic belongs to earlier requests. */
  readonly #counted = new WeakMap<Socket, { in: number; out: number }>();

  constructor(parts: RecorderParts) {
    this.#parts = parts;
  }

  /** Call it before anything else sees the request: some of it is changed on its way. */
  begin(request: IncomingMessage, response: ServerResponse): void {
    const began = performance.now();
    const { method = '', url = '', socket } = request;
    response.on('close', () => {
      const ended = performance.now();
      const context = contextOf(response);
      if (context.skipLog) return;
      const operation = context.route?.operationId ?? this.#parts.unrouted(method, url);
      const status = response.writableFinished ? response.statusCode : null;
      const [, sdk, sdkRevision] = SDK.exec(String(request.headers['ihf-sdk'] ?? '')) ?? [];
      const identity = context.caller?.identity;
      this.#parts.note({
        ended_ms: ended,
        consumer_id: (identity ?? context.client)?.consumer_id,
        key_prefix: identity?.key_prefix ?? undefined,
        operation: this.#parts.numbers.get(operation ?? ''),
        method: METHODS.has(method) ? method : 'OTHER',
        status: status ?? undefined,
        duration_us: Math.round((ended - began) * 1000),
        ...this.#bytes(socket),
        request_id: context.requestId ?? '',
        revision: Number(response.getHeader('IHF-Contract-Revision') ?? this.#parts.revision()),
        sdk,
        sdk_revision: sdkRevision === undefined ? undefined : Number(sdkRevision),
        problem: context.problem?.type.split(':').at(-1),
        told: context.problem && redactProblem(context.problem),
      });
      this.#parts.metrics?.completed(operation, status, (ended - began) / 1000);
      for (const policy of policiesOf(context.problem)) this.#parts.metrics?.denied(policy);
    });
  }

  #bytes(socket: Socket): Pick<LoggedRequest, 'bytes_in' | 'bytes_out'> {
    const before = this.#counted.get(socket) ?? { in: 0, out: 0 };
    const now = { in: socket.bytesRead, out: socket.bytesWritten };
    this.#counted.set(socket, now);
    return { bytes_in: now.in - before.in, bytes_out: now.out - before.out };
  }
}

function policiesOf(problem: Problem | undefined): Denial[] {
  return (problem?.['violated-policies'] as Denial[] | undefined) ?? [];
}
