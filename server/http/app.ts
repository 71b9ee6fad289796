import express, { type RequestHandler } from 'express';
import { admin } from '../admin/router.ts';
import { docs } from '../docs/docs.ts';
import { oauth } from '../oauth/router.ts';
import { packages } from '../packages/router.ts';
import type { Services } from '../services.ts';
import { cors } from './cors.ts';
import { dispatch } from './dispatch.ts';
import {
  authenticate,
  authorize,
  dailyQuota,
  errorHandler,
  findOperation,
  parseBody,
  rateLimit,
  requestId,
  sendResponse,
} from './steps.ts';

export interface AppOptions {
  /** The address by which others reach this hub, without a slash at its end. */
  publicUrl(): string;
  /** Holds requests, and where it was told to also answers, against the contract. */
  validator: RequestHandler;
  /** Hears of every error that a caller is not told about. */
  report(error: unknown, requestId: string): void;
}

/** What happens to a request, in its real order. */
export function createApp(hub: Services, options: AppOptions): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.set('query parser', 'simple');

  app.use(requestId(() => hub.contract.current.revision));
  app.use('/api/v2/docs', docs());
  app.use(admin({ ...hub, publicUrl: options.publicUrl }, options.report));
  app.use(cors());
  app.use(oauth(hub.database, options.publicUrl));
  app.use(packages(hub.database, hub.contract));
  app.use(findOperation());
  app.use(authenticate(hub));
  app.use(rateLimit());
  app.use(authorize());
  app.use(parseBody());
  app.use(options.validator);
  app.use(dailyQuota(hub));
  app.use(sendResponse((exchange) => dispatch(hub, exchange)));
  app.use(errorHandler(options.report));
  return app;
}
