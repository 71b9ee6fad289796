import type { Services } from '../services.ts';
import type { AnonymousTurns } from './anonymous-turns.ts';
import { authenticate, authenticateAgain } from './authenticate.ts';
import { authorize } from './authorize.ts';
import type { BytesInFlight } from './bytes-in-flight.ts';
import type { ConcurrencyLimit } from './concurrency-limit.ts';
import { dailyQuota } from './daily-quota.ts';
import { dispatch } from './dispatch.ts';
import { parseBody } from './parse-body.ts';
import { rateLimit } from './rate-limit.ts';
import type { Step } from './step.ts';

export interface StepOptions {
  limit: ConcurrencyLimit;
  turns: AnonymousTurns;
  bytesInFlight: BytesInFlight;
}

/**
 * The steps of every operation in their real order, around the validation: the Express app and the ingest path run the same
 * ones, each with its own validator.
 */
export function operationSteps(services: Services, { limit, turns, bytesInFlight }: StepOptions) {
  const beforeValidation: Step[] = [
    authenticate(services),
    limit.countConsumer(),
    rateLimit(),
    authorize(),
    parseBody(bytesInFlight),
    limit.takeSlot(),
    turns.afterBody(),
    // The body may have arrived long after the credential was checked.
    authenticateAgain(services),
    authorize(),
  ];
  const afterValidation: Step[] = [dailyQuota(services), dispatch(services)];
  return { beforeValidation, afterValidation };
}
