import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Problem } from '../http/problem.ts';
import { contextOf } from '../http/request-context.ts';
import type { LoggedRequest } from '../store/request-log/request-log.ts';
import type { Limit, Metrics } from './metrics.ts';
import { redactProblem } from './problem-redaction.ts';

export interface RecorderOptions {
  /** The numbers of the operations in the request log, by operation id. */
  numbers: ReadonlyMap<string, number>;
  /** Finds the operation of a path that the request steps do not route. */
  unrouted(method: string, url: string): string | undefined;
  revision(): number;
  note(request: LoggedRequest): void;
  metrics: Metrics | undefined;
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']);
/** The `IHF-SDK` header of a generated client. */
const SDK = /^(typescript|python); revision=(\d{1,9})$/;

/** Records every response of the node, from whichever part of it: one row in the request log, and the metrics. */
export class RequestRecorder {
  readonly #options: RecorderOptions;
  /** The bytes of each connection that belong to earlier requests. */
  readonly #counted = new WeakMap<Socket, { in: number; out: number }>();

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Wraps the outermost listener: the steps modify the request. */
  wrap(app: RequestListener): RequestListener {
    return (request, response) => {
      this.#record(request, response);
      app(request, response);
    };
  }

  #record(request: IncomingMessage, response: ServerResponse): void {
    const began = performance.now();
    const { method = '', url = '', socket } = request;
    const { numbers, unrouted, revision, note, metrics } = this.#options;
    response.on('close', () => {
      const ended = performance.now();
      const context = contextOf(response);
      if (context.skipLog) return;
      const operation = context.route?.operationId ?? unrouted(method, url);
      const status = response.writableFinished ? response.statusCode : null;
      const [, sdk, sdkRevision] = SDK.exec(String(request.headers['ihf-sdk'] ?? '')) ?? [];
      const identity = context.caller?.identity;
      const row = {
        ended_ms: ended,
        consumer_id: (identity ?? context.client)?.consumer_id,
        key_prefix: identity?.key_prefix ?? context.installationKey?.key_prefix,
        operation: numbers.get(operation ?? ''),
        method: METHODS.has(method) ? method : 'OTHER',
        status: status ?? undefined,
        duration_us: Math.round((ended - began) * 1000),
        ...this.#bytes(socket),
        request_id: context.requestId ?? '',
        revision: Number(response.getHeader('IHF-Contract-Revision') ?? revision()),
        sdk,
        sdk_revision: sdkRevision === undefined ? undefined : Number(sdkRevision),
        problem: context.problem?.type.split(':').at(-1),
        problem_details: context.problem && redactProblem(context.problem),
      };
      if (context.isUnlogged) metrics?.unlogged();
      else note(row);
      metrics?.completed(operation, status, (ended - began) / 1000);
      for (const limit of violatedLimits(context.problem)) metrics?.rejected(limit);
    });
  }

  #bytes(socket: Socket): Pick<LoggedRequest, 'bytes_in' | 'bytes_out'> {
    const before = this.#counted.get(socket) ?? { in: 0, out: 0 };
    const now = { in: socket.bytesRead, out: socket.bytesWritten };
    this.#counted.set(socket, now);
    return { bytes_in: now.in - before.in, bytes_out: now.out - before.out };
  }
}

function violatedLimits(problem: Problem | undefined): Limit[] {
  return (problem?.['violated-policies'] as Limit[] | undefined) ?? [];
}
