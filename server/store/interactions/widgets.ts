import { IhfError } from '../../errors.ts';
import { UUID } from '../../patterns.ts';
import type { Db } from '../database/database.ts';
import { type Page, type PagedList, type PageRequest, readPage } from '../database/pagination.ts';

export interface Widget {
  id: string;
  hub_id: string;
  key: string;
  widget_type: string;
  name: string;
  description: string | null;
  attributes: Record<string, unknown>;
  created_at: string;
  updated_at: string;
}

export interface WidgetFilters extends PageRequest {
  hub_id?: string | undefined;
  widget_type?: string | undefined;
  key?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

const COLUMNS = 'id, hub_id, key, widget_type, name, description, attributes, created_at, updated_at';

const LIST: PagedList<Widget> = {
  name: 'widgets',
  select: `select ${COLUMNS} from widgets where hub_id = $1`,
  key: 'id',
  keyPattern: UUID,
  keyOf: (widget) => widget.id,
};

export function listWidgets(db: Db, hubId: string, filters: WidgetFilters): Promise<Page<Widget>> {
  return readPage(
    db,
    LIST,
    [hubId],
    [
      ['hub_id = ?', filters.hub_id],
      ['widget_type = ?', filters.widget_type],
      ['key = ?', filters.key],
      ['id >= ihf_uuidv7_floor(?)', filters.since],
      ['id < ihf_uuidv7_floor(?)', filters.until],
    ],
    filters,
  );
}

export async function findWidget(db: Db, hubId: string, id: string): Promise<Widget | undefined> {
  const [widget] = await db.query<Widget>(`select ${COLUMNS} from widgets where hub_id = $1 and id = $2`, [hubId, id]);
  return widget;
}

export type NewWidget = Pick<Widget, 'hub_id' | 'key' | 'widget_type' | 'name'> &
  Partial<Pick<Widget, 'description' | 'attributes'>>;

/** @throws IhfError already_exists if the hub has a widget with this key; invalid_request if there is no such hub. */
export async function insertWidget(db: Db, widget: NewWidget): Promise<Widget> {
  const [inserted] = await db.query<Widget>(
    `insert into widgets (hub_id, key, widget_type, name, description, attributes)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (hub_id, key) do nothing
     returning ${COLUMNS}`,
    [widget.hub_id, widget.key, widget.widget_type, widget.name, widget.description ?? null, widget.attributes ?? {}],
  );
  if (!inserted) {
    const remedy = 'Choose another, or change the widget that has it.';
    throw new IhfError('already_exists', `The key '${widget.key}' is taken in this hub. ${remedy}`);
  }
  return inserted;
}

export type WidgetChange = Partial<Pick<Widget, 'widget_type' | 'name' | 'description' | 'attributes'>>;

/** Sets the fields of `change`; undefined if the hub has no such widget. */
export async function updateWidget(
  db: Db,
  hubId: string,
  id: string,
  change: WidgetChange,
): Promise<Widget | undefined> {
  const [updated] = await db.query<Widget>(
    `update widgets set
       widget_type = coalesce($2, widget_type),
       name = coalesce($3, name),
       description = case when $4 then $5 else description end,
       attributes = coalesce($6, attributes),
       updated_at = now()
     where hub_id = $7 and id = $1
     returning ${COLUMNS}`,
    [
      id,
      change.widget_type ?? null,
      change.name ?? null,
      change.description !== undefined,
      change.description ?? null,
      change.attributes ?? null,
      hubId,
    ],
  );
  return updated;
}
