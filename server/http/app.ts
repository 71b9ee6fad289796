import express, { type RequestHandler } from 'express';
import { admin } from '../admin/router.ts';
import { docs } from '../docs/docs.ts';
import { oauth } from '../oauth/router.ts';
import { packages } from '../packages/router.ts';
import type { Services } from '../services.ts';
import type { AnonymousTurns } from './anonymous-turns.ts';
import { authenticate, authenticateAgain } from './authenticate.ts';
import { authorize } from './authorize.ts';
import type { BytesInFlight } from './bytes-in-flight.ts';
import type { ConcurrencyLimit } from './concurrency-limit.ts';
import { cors } from './cors.ts';
import { dailyQuota } from './daily-quota.ts';
import { dispatch } from './dispatch.ts';
import { errorHandler } from './error-handler.ts';
import { findOperation } from './find-operation.ts';
import { parseBody } from './parse-body.ts';
import { rateLimit } from './rate-limit.ts';
import { sendResponse } from './send-response.ts';

export interface AppOptions {
  bytesInFlight: BytesInFlight;
  limit: ConcurrencyLimit;
  turns: AnonymousTurns;
  /** Validates requests, and optionally responses, against the contract. */
  validator: RequestHandler;
  /** Receives every error whose details are hidden from the client. */
  report(error: unknown, requestId: string): void;
}

/** The steps of a request after `receive`, in their real order. */
export function createApp(
  services: Services,
  { limit, turns, bytesInFlight, validator, report }: AppOptions,
): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.set('query parser', 'simple');
  const revision = () => services.contract.current.revision;
  const bodyArrived = [limit.takeSlot(), turns.afterBody()];

  app.use('/api/v2/docs', docs());
  app.use(admin(services, bodyArrived, report));
  app.use(cors());
  app.use(oauth(services.database, bodyArrived));
  app.use(packages(services.database, services.contract));
  app.use(findOperation());
  app.use(authenticate(services));
  app.use(limit.countConsumer());
  app.use(rateLimit());
  app.use(authorize());
  app.use(parseBody(bytesInFlight));
  app.use(bodyArrived);
  // The body may have arrived long after the credential was checked.
  app.use(authenticateAgain(services));
  app.use(authorize());
  app.use(validator);
  app.use(dailyQuota(services));
  app.use(dispatch(services));
  app.use(sendResponse(revision));
  app.use(errorHandler(revision, report));
  return app;
}
