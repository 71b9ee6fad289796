import express from 'express';
import { docs } from './docs/docs.ts';
import { answerProblems, answerWith, nameRequest, readBody } from './express.ts';
import { handle } from './handle.ts';
import type { Hub } from './hub.ts';
import { validate } from './pipeline/validate.ts';

export interface AppOptions {
  /** Whether answers are validated against the contract too: in tests and development. */
  validateResponses: boolean;
  /** Hears of every error that a caller is not told about. */
  report(error: unknown, requestId: string): void;
}

/** What happens to a request, in its real order. */
export function createApp(hub: Hub, options: AppOptions): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.set('query parser', 'simple');

  app.use(nameRequest(() => hub.contract.current.revision));
  app.use('/api/v2/docs', docs());
  // identify: who calls, by API key or token. Its place is here.
  // admit: may they now, by rate and quota. Its place is here.
  app.use(readBody());
  app.use(validate(hub.contract, { responses: options.validateResponses }));
  app.use(answerWith((exchange) => handle(hub, exchange)));
  app.use(answerProblems(options.report));
  return app;
}
