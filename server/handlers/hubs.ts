import type { Operations } from '../../generated/operations.ts';
import { findHub, listHubs } from '../store/interactions/hubs.ts';
import { type Context, callerHub, orNotFound, pageOf } from './context.ts';

export const hubs: Pick<Operations<Context>, 'listHubs' | 'getHub'> = {
  async listHubs({ query }, context) {
    return { status: 200, body: await listHubs(context.db, pageOf(query), callerHub(context)) };
  },
  async getHub({ params }, context) {
    // To a caller, other hubs do not exist.
    const own = params.hub_id.toLowerCase() === callerHub(context);
    const hub = own ? await findHub(context.db, params.hub_id) : undefined;
    return { status: 200, body: orNotFound(hub, `hub ${params.hub_id}`) };
  },
};
