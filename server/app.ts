import express, { type RequestHandler } from 'express';
import { admin } from './admin/router.ts';
import { crossOrigin } from './cross-origin.ts';
import { docs } from './docs/docs.ts';
import {
  answerProblems,
  answerWith,
  countItems,
  findOperation,
  keepLimits,
  keepScopes,
  knowCaller,
  nameRequest,
  readBody,
} from './express.ts';
import { handle } from './handle.ts';
import type { Hub } from './hub.ts';
import { oauth } from './oauth/router.ts';
import { packages } from './packages/router.ts';

export interface AppOptions {
  /** The address by which others reach this hub, without a slash at its end. */
  publicUrl(): string;
  /** Holds requests, and where it was told to also answers, against the contract. */
  validator: RequestHandler;
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
  app.use(admin({ ...hub, publicUrl: options.publicUrl }, options.report));
  app.use(crossOrigin());
  app.use(oauth(hub.database, options.publicUrl));
  app.use(packages(hub.database, hub.contract));
  app.use(findOperation());
  app.use(knowCaller(hub));
  app.use(keepLimits());
  app.use(keepScopes());
  app.use(readBody());
  app.use(options.validator);
  app.use(countItems(hub));
  app.use(answerWith((exchange) => handle(hub, exchange)));
  app.use(answerProblems(options.report));
  return app;
}
