import type { Operations } from '../../generated/operations.ts';
import { findHub, listHubs } from '../store/hubs.ts';
import { type Context, found, hubOf, pageOf } from './context.ts';

export const hubs: Pick<Operations<Context>, 'listHubs' | 'getHub'> = {
  async listHubs({ query }, context) {
    return { status: 200, body: await listHubs(context.db, pageOf(query), hubOf(context)) };
  },
  async getHub({ params }, context) {
    // Another hub is to this caller as if it were not there.
    const own = params.hub_id.toLowerCase() === hubOf(context);
    const hub = own ? await findHub(context.db, params.hub_id) : undefined;
    return { status: 200, body: found(hub, `hub ${params.hub_id}`) };
  },
};
