import type { components } from '../../generated/openapi.ts';
import type { Operations } from '../../generated/operations.ts';
import { IhfError } from '../errors.ts';
import { toProblem } from '../http/problem.ts';
import {
  findInteractionEvent,
  insertInteractionEvents,
  listInteractionEvents,
} from '../store/interactions/interaction-events.ts';
import { type Context, callerHub, created, orNotFound, pageOf } from './context.ts';

type Result = components['schemas']['InteractionEventResult'];

export const interactionEvents: Pick<
  Operations<Context>,
  'listInteractionEvents' | 'createInteractionEvent' | 'getInteractionEvent' | 'createInteractionEventBatch'
> = {
  async listInteractionEvents({ query }, context) {
    return { status: 200, body: await listInteractionEvents(context.db, callerHub(context), pageOf(query)) };
  },
  async createInteractionEvent({ body }, context) {
    const event = await context.record({ ...body, hub_id: callerHub(context) });
    return created(event, `/api/v2/interaction-events/${event.id}`);
  },
  async getInteractionEvent({ params }, context) {
    const event = await findInteractionEvent(context.db, callerHub(context), params.event_id);
    return { status: 200, body: orNotFound(event, `interaction event ${params.event_id}`) };
  },
  async createInteractionEventBatch({ body }, context) {
    const { itemErrors } = context;
    const results = new Array<Result>(body.events.length);
    for (const [index, error] of itemErrors) results[index] = rejected(index, error);
    const validIndexes = [...body.events.keys()].filter((index) => !itemErrors.has(index));
    const hub_id = callerHub(context);
    const events = validIndexes.map((index) => ({ ...(body.events[index] as (typeof body.events)[number]), hub_id }));
    const outcomes = events.length > 0 ? await insertInteractionEvents(context.db, events) : [];
    for (const [position, outcome] of outcomes.entries()) {
      const index = validIndexes[position] as number;
      results[index] = outcome instanceof IhfError ? rejected(index, outcome) : { index, status: 201, id: outcome.id };
    }
    const accepted = results.filter(({ status }) => status === 201).length;
    return { status: 200, body: { accepted, rejected: results.length - accepted, results } };
  },
};

function rejected(index: number, error: IhfError): Result {
  const problem = toProblem(error);
  return { index, status: problem.status, problem };
}
