import type { Authenticator } from '../batching/authenticator.ts';
import { batchExceedsQuota } from './rate-limit-headers.ts';
import { requiredContext } from './request-context.ts';
import type { Step } from './step.ts';

/** Counts the items of a batch against the daily quota. Authentication has counted the request as the first of them. */
export function dailyQuota({ authenticator }: { authenticator: Authenticator }): Step {
  return async (_request, response, next) => {
    const { operation, caller, body } = requiredContext(response, 'apiRequest');
    const items = operation.perItem ? (body as Record<string, unknown[]>)[operation.perItem]?.length : 1;
    if (caller?.usage && items && items > 1) {
      const fits = await authenticator.admitItems(caller.identity, caller.usage, items - 1);
      if (!fits) throw batchExceedsQuota(caller.usage, items);
    }
    next();
  };
}
