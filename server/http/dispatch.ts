import type { Operations } from '../../generated/operations.ts';
import { IhfError } from '../errors.ts';
import type { Context } from '../handlers/context.ts';
import { handlers } from '../handlers/index.ts';
import type { Services } from '../services.ts';
import { insertInteractionEvents } from '../store/interactions/interaction-events.ts';
import { idempotencyKeyOf, withIdempotency } from './idempotency.ts';
import type { ApiRequest, ApiResponse } from './request.ts';

type AnyHandler = (input: unknown, context: Context) => Promise<ApiResponse>;

/** Hands a validated request to the handler of its operation. */
export async function dispatch(hub: Services, exchange: ApiRequest): Promise<ApiResponse> {
  const answer = await answerOf(hub, exchange);
  // What was committed may be a message to somebody.
  if (exchange.operation.method !== 'get') hub.webhooks.notifyWorkers();
  return answer;
}

function answerOf(hub: Services, exchange: ApiRequest): Promise<ApiResponse> {
  const handler = (handlers as Partial<Operations<Context>>)[exchange.operationId] as AnyHandler | undefined;
  if (!handler) throw new IhfError('not_implemented', `This hub has no handler for ${exchange.operationId} yet.`);
  const { caller, itemFailures } = exchange;
  const actor = caller ? `consumer:${caller.identity.consumer_id}` : 'api';
  const shared = { contract: hub.contract, webhooks: hub.webhooks, itemFailures, actor, caller };
  const key = idempotencyKeyOf(exchange);
  if (key === undefined) {
    return handler(exchange, { ...shared, db: hub.database, record: (event) => hub.events.write(event) });
  }
  return withIdempotency(hub.database, exchange, key, (db) =>
    handler(exchange, {
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
