import type { Operations } from '../../generated/operations.ts';
import { findWidget, insertWidget, listWidgets, updateWidget } from '../store/widgets.ts';
import { type Context, created, found, pageOf } from './context.ts';

export const widgets: Pick<Operations<Context>, 'listWidgets' | 'createWidget' | 'getWidget' | 'updateWidget'> = {
  async listWidgets({ query }, { db }) {
    return { status: 200, body: await listWidgets(db, pageOf(query)) };
  },
  async createWidget({ body }, { db }) {
    const widget = await insertWidget(db, body);
    return created(widget, `/api/v2/widgets/${widget.id}`);
  },
  async getWidget({ params }, { db }) {
    return { status: 200, body: found(await findWidget(db, params.widget_id), `widget ${params.widget_id}`) };
  },
  async updateWidget({ params, body }, { db }) {
    const widget = await updateWidget(db, params.widget_id, body);
    return { status: 200, body: found(widget, `widget ${params.widget_id}`) };
  },
};
