import type { Operations } from '../generated/operations.ts';
import { HubError } from './errors.ts';
import type { Answer, Exchange } from './exchange.ts';
import type { Context } from './handlers/context.ts';
import { handlers } from './handlers/index.ts';
import type { Hub } from './hub.ts';
import { answerOnce, idempotencyKeyOf } from './pipeline/idempotency.ts';
import { insertInteractionEvents } from './store/interaction-events.ts';

type AnyHandler = (input: unknown, context: Context) => Promise<Answer>;

/** Hands a validated request to the handler of its operation. */
export async function handle(hub: Hub, exchange: Exchange): Promise<Answer> {
  const answer = await answerOf(hub, exchange);
  // What was committed may be a message to somebody.
  if (exchange.operation.method !== 'get') hub.webhooks.ring();
  return answer;
}

function answerOf(hub: Hub, exchange: Exchange): Promise<Answer> {
  const handler = (handlers as Partial<Operations<Context>>)[exchange.operationId] as AnyHandler | undefined;
  if (!handler) throw new HubError('not_implemented', `This hub has no handler for ${exchange.operationId} yet.`);
  const { caller, itemFailures } = exchange;
  const actor = caller ? `consumer:${caller.identity.consumer_id}` : 'api';
  const shared = { contract: hub.contract, webhooks: hub.webhooks, itemFailures, actor, caller };
  const key = idempotencyKeyOf(exchange);
  if (key === undefined) {
    return handler(exchange, { ...shared, db: hub.database, record: (event) => hub.events.write(event) });
  }
  return answerOnce(hub.database, exchange, key, (db) =>
    handler(exchange, {
      ...shared,
      db,
      record: async (event) => {
        const [outcome] = await insertInteractionEvents(db, [event]);
        if (!outcome || outcome instanceof HubError) throw outcome;
        return outcome;
      },
    }),
  );
}
