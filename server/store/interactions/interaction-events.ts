import { IhfError, invalidRequest } from '../../errors.ts';
import { UUID } from '../../patterns.ts';
import type { Db } from '../database/database.ts';
import { type Page, type PagedList, type PageRequest, readPage } from '../database/pagination.ts';

export interface InteractionEvent {
  id: string;
  hub_id: string;
  widget_id: string;
  event_type: string;
  occurred_at: string;
  recorded_at: string;
  actor_id: string | null;
  session_id: string | null;
  properties: Record<string, unknown>;
}

export interface NewInteractionEvent {
  hub_id: string;
  widget_id: string;
  event_type: string;
  occurred_at?: string;
  actor_id?: string;
  session_id?: string;
  properties?: Record<string, unknown>;
}

export interface InteractionEventFilters extends PageRequest {
  hub_id?: string | undefined;
  widget_id?: string | undefined;
  event_type?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

const COLUMNS = 'id, hub_id, widget_id, event_type, occurred_at, recorded_at, actor_id, session_id, properties';

const LIST: PagedList<InteractionEvent> = {
  name: 'interaction_events',
  select: `select ${COLUMNS} from interaction_events where hub_id = $1`,
  key: 'id',
  keyPattern: UUID,
  keyOf: (event) => event.id,
};

export function listInteractionEvents(
  db: Db,
  hubId: string,
  filters: InteractionEventFilters,
): Promise<Page<InteractionEvent>> {
  return readPage(
    db,
    LIST,
    [hubId],
    [
      ['hub_id = ?', filters.hub_id],
      ['widget_id = ?', filters.widget_id],
      ['event_type = ?', filters.event_type],
      ['id >= ihf_uuidv7_floor(?)', filters.since],
      ['id < ihf_uuidv7_floor(?)', filters.until],
    ],
    filters,
  );
}

export async function findInteractionEvent(db: Db, hubId: string, id: string): Promise<InteractionEvent | undefined> {
  const [event] = await db.query<InteractionEvent>(
    `select ${COLUMNS} from interaction_events where hub_id = $1 and id = $2`,
    [hubId, id],
  );
  return event;
}

/** The result for one event: the stored event, or why it was rejected. */
export type Outcome = InteractionEvent | IhfError;

const INSERT = `
  with input as materialized (
    select ihf_uuidv7() as id, item.*
    from rows from (json_to_recordset($1::json) as (
      hub_id uuid, widget_id uuid, event_type text, occurred_at timestamptz, actor_id text, session_id text, properties jsonb
    )) with ordinality as item (hub_id, widget_id, event_type, occurred_at, actor_id, session_id, properties, position)
  ), stored as (
    insert into interaction_events (hub_id, id, widget_id, event_type, occurred_at, actor_id, session_id, properties)
    select widgets.hub_id, input.id, widgets.id, event_type, coalesce(occurred_at, now()), actor_id, session_id,
      coalesce(properties, '{}')
    from input join widgets on widgets.hub_id = input.hub_id and widgets.id = input.widget_id
    returning ${COLUMNS}
  ), offered as materialized (select set_config('ihf.webhook_lease', $2, true))
  select position - 1 as position, stored.* from offered, stored join input using (id)`;

/**
 * Stores the events in one statement. If an event makes it fail, each half is stored by itself. Results are in input order.
 * @param lease the value of `ihf.webhook_lease`, under which the worker of this node gets deliveries that are due at once.
 */
export async function insertInteractionEvents(
  db: Db,
  events: readonly NewInteractionEvent[],
  lease = '',
): Promise<Outcome[]> {
  try {
    return await insertTogether(db, events, lease);
  } catch (error) {
    if (!(error instanceof IhfError) || error.code === 'unavailable') throw error;
    if (events.length === 1) return [error];
  }
  const middle = events.length >> 1;
  const first = await insertInteractionEvents(db, events.slice(0, middle), lease);
  return [...first, ...(await insertInteractionEvents(db, events.slice(middle), lease))];
}

async function insertTogether(db: Db, events: readonly NewInteractionEvent[], lease: string): Promise<Outcome[]> {
  const rows = await db.queryInSavepoint<InteractionEvent & { position: number }>(
    INSERT,
    [JSON.stringify(events), lease],
    'insert_interaction_events',
  );
  const stored = new Map(rows.map(({ position, ...event }) => [position, event]));
  return events.map(({ widget_id }, position) => stored.get(position) ?? unknownWidget(widget_id));
}

function unknownWidget(id: string): IhfError {
  return invalidRequest([
    {
      pointer: '#/widget_id',
      code: 'unknown_reference',
      detail: `There is no widget ${id}. Create it first, or correct widget_id.`,
    },
  ]);
}
