import type { components } from '../../generated/openapi.ts';
import type { Operations } from '../../generated/operations.ts';
import { HubError, invalid } from '../errors.ts';
import { problemOf } from '../problem.ts';
import { findInteractionEvent, insertInteractionEvents, listInteractionEvents } from '../store/interaction-events.ts';
import { type Context, created, found, hubOf, pageOf } from './context.ts';

type Result = components['schemas']['InteractionEventResult'];

export const interactionEvents: Pick<
  Operations<Context>,
  'listInteractionEvents' | 'createInteractionEvent' | 'getInteractionEvent' | 'createInteractionEventBatch'
> = {
  async listInteractionEvents({ query }, context) {
    return { status: 200, body: await listInteractionEvents(context.db, hubOf(context), pageOf(query)) };
  },
  async createInteractionEvent({ body }, context) {
    const event = await context.record({ ...body, hub_id: hubOf(context) });
    return created(event, `/api/v2/interaction-events/${event.id}`);
  },
  async getInteractionEvent({ params }, context) {
    const event = await findInteractionEvent(context.db, hubOf(context), params.event_id);
    return { status: 200, body: found(event, `interaction event ${params.event_id}`) };
  },
  async createInteractionEventBatch({ body }, context) {
    const { itemFailures } = context;
    const results: Result[] = body.events.map((_, index) => rejected(index, invalid(itemFailures.get(index) ?? [])));
    const places = [...body.events.keys()].filter((index) => !itemFailures.has(index));
    const hub_id = hubOf(context);
    const events = places.map((index) => ({ ...(body.events[index] as (typeof body.events)[number]), hub_id }));
    const outcomes = events.length > 0 ? await insertInteractionEvents(context.db, events) : [];
    for (const [position, outcome] of outcomes.entries()) {
      const index = places[position] as number;
      results[index] = outcome instanceof HubError ? rejected(index, outcome) : { index, status: 201, id: outcome.id };
    }
    const accepted = results.filter(({ status }) => status === 201).length;
    return { status: 200, body: { accepted, rejected: results.length - accepted, results } };
  },
};

function rejected(index: number, error: HubError): Result {
  const problem = problemOf(error);
  return { index, status: problem.status, problem };
}
