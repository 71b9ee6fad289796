import type { Operations } from '../../generated/operations.ts';
import { IhfError } from '../errors.ts';
import type { Context } from '../handlers/context.ts';
import { handlers } from '../handlers/index.ts';
import type { Services } from '../services.ts';
import { insertInteractionEvents } from '../store/interactions/interaction-events.ts';
import { idempotencyKeyOf, withIdempotency } from './dispatch/idempotency.ts';
import type { ApiRequest, ApiResponse } from './request.ts';
import { contextOf, type RequestContext, requiredContext } from './request-context.ts';
import type { Step } from './step.ts';

type AnyHandler = (input: unknown, context: Context) => Promise<ApiResponse>;

/** Passes the validated request to the handler of its operation. */
export function dispatch(services: Services): Step {
  return async (_request, response, next) => {
    const request = requiredContext(response, 'apiRequest');
    const key = idempotencyKeyOf(request);
    contextOf(response).apiResponse = await runHandler(services, request, key, contextOf(response));
    // The handler may have queued webhook messages. The event writer hands its own to a worker.
    const isHandedOver = request.operationId === 'createInteractionEvent' && key === undefined;
    if (request.operation.method !== 'get' && !isHandedOver) services.webhooks.notifyWorkers();
    next();
  };
}

/** The author of what the request changes, for contract revisions and the audit log. */
function actorOf({ caller, installationKey }: RequestContext): string {
  if (installationKey) return `installation-key:${installationKey.key_prefix}`;
  return caller ? `consumer:${caller.identity.consumer_id}` : 'api';
}

async function runHandler(
  services: Services,
  request: ApiRequest,
  key: string | undefined,
  requestContext: RequestContext,
): Promise<ApiResponse> {
  const { operationId, caller, itemErrors } = request;
  const handler = (handlers as Partial<Operations<Context>>)[operationId] as AnyHandler | undefined;
  if (!handler) throw new IhfError('not_implemented', `Operation ${operationId} is not implemented on this server.`);
  const { database, contract, webhooks, events, isStopping } = services;
  const actor = actorOf(requestContext);
  const calledUrl = requestContext.source?.calledUrl ?? '/';
  const shared = { contract, webhooks, isStopping, itemErrors, actor, caller, calledUrl };
  if (key === undefined) {
    return handler(request, { ...shared, db: database, record: (event) => events.write(event) });
  }
  return withIdempotency(database, request, key, (db) =>
    handler(request, {
      ...shared,
      db,
      record: async (event) => {
        const [outcome] = await insertInteractionEvents(db, [event]);
        if (!outcome || outcome instanceof IhfError) throw outcome;
        return outcome;
      },
    }),
  );
}
