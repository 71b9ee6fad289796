import type { Operations } from '../../generated/operations.ts';
import { findHub, insertHub, listHubs } from '../store/hubs.ts';
import { type Context, created, found, pageOf } from './context.ts';

export const hubs: Pick<Operations<Context>, 'listHubs' | 'createHub' | 'getHub'> = {
  async listHubs({ query }, { db }) {
    return { status: 200, body: await listHubs(db, pageOf(query)) };
  },
  async createHub({ body }, { db }) {
    const hub = await insertHub(db, body);
    return created(hub, `/api/v2/hubs/${hub.id}`);
  },
  async getHub({ params }, { db }) {
    return { status: 200, body: found(await findHub(db, params.hub_id), `hub ${params.hub_id}`) };
  },
};
