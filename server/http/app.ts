import express, { type RequestHandler } from 'express';
import { admin } from '../admin/router.ts';
import { docs } from '../docs/docs.ts';
import { oauth } from '../oauth/router.ts';
import { packages } from '../packages/router.ts';
import type { Services } from '../services.ts';
import { cors } from './cors.ts';
import { errorHandler } from './error-handler.ts';
import { findOperation } from './find-operation.ts';
import { operationSteps, type StepOptions } from './operation-steps.ts';
import { sendResponse } from './send-response.ts';

export interface AppOptions extends StepOptions {
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
  const { beforeValidation, afterValidation } = operationSteps(services, { limit, turns, bytesInFlight });
  const bodyArrived = [limit.takeSlot(), turns.afterBody()];

  app.use('/api/v2/docs', docs());
  app.use(admin(services, bodyArrived, report));
  app.use(cors());
  app.use(oauth(services.database, bodyArrived));
  app.use(packages(services.database, services.contract));
  app.use(findOperation());
  app.use(beforeValidation);
  app.use(validator);
  app.use(afterValidation);
  app.use(sendResponse(revision));
  app.use(errorHandler(revision, report));
  return app;
}
