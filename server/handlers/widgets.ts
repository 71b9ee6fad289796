import type { Operations } from '../../generated/operations.ts';
import { invalidRequest } from '../errors.ts';
import { findWidget, insertWidget, listWidgets, updateWidget } from '../store/interactions/widgets.ts';
import { type Context, callerHub, created, orNotFound, pageOf } from './context.ts';

export const widgets: Pick<Operations<Context>, 'listWidgets' | 'createWidget' | 'getWidget' | 'updateWidget'> = {
  async listWidgets({ query }, context) {
    return { status: 200, body: await listWidgets(context.db, callerHub(context), pageOf(query)) };
  },
  async createWidget({ body }, context) {
    const { hub_id: hubId = callerHub(context), ...widget } = body;
    // To a caller, other hubs do not exist.
    if (hubId.toLowerCase() !== callerHub(context)) {
      const detail = `There is no hub ${hubId}. Omit hub_id, or send the id of your own hub: ${callerHub(context)}.`;
      throw invalidRequest([{ pointer: '#/hub_id', code: 'unknown_reference', detail }]);
    }
    const inserted = await insertWidget(context.db, { ...widget, hub_id: hubId });
    return created(inserted, `/api/v2/widgets/${inserted.id}`);
  },
  async getWidget({ params }, context) {
    const widget = await findWidget(context.db, callerHub(context), params.widget_id);
    return { status: 200, body: orNotFound(widget, `widget ${params.widget_id}`) };
  },
  async updateWidget({ params, body }, context) {
    const widget = await updateWidget(context.db, callerHub(context), params.widget_id, body);
    return { status: 200, body: orNotFound(widget, `widget ${params.widget_id}`) };
  },
};
