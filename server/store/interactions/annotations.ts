import { IhfError, invalidRequest } from '../../errors.ts';
import { UUID } from '../../patterns.ts';
import type { Db } from '../database/database.ts';
import { type Page, type PagedList, type PageRequest, readPage } from '../database/pagination.ts';

export interface Annotation {
  id: string;
  hub_id: string;
  widget_id: string;
  event_id: string | null;
  category: string;
  body: string;
  author: string | null;
  status: 'open' | 'resolved';
  created_at: string;
  resolved_at: string | null;
  resolved_by: string | null;
  resolution: string | null;
}

export interface AnnotationFilters extends PageRequest {
  hub_id?: string | undefined;
  widget_id?: string | undefined;
  event_id?: string | undefined;
  category?: string | undefined;
  status?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

const COLUMNS = `id, hub_id, widget_id, event_id, category, body, author, status,
  created_at, resolved_at, resolved_by, resolution`;

const LIST: PagedList<Annotation> = {
  name: 'annotations',
  select: `select ${COLUMNS} from annotations where hub_id = $1 and ($2::uuid is null or event_id = $2)`,
  key: 'id',
  keyPattern: UUID,
  keyOf: (annotation) => annotation.id,
};

/** All annotations of an event have its widget: if the filter names another, none of them needs to be read. */
const WIDGET_OF_EVENT = `(select widget_id from annotations as any_of_event
  where any_of_event.hub_id = $1 and any_of_event.event_id = $2 limit 1) = ?`;

export function listAnnotations(db: Db, hubId: string, filters: AnnotationFilters): Promise<Page<Annotation>> {
  return readPage(
    db,
    filters.status ? LIST : { ...LIST, eitherOf: ["status = 'open'", "status = 'resolved'"] },
    [hubId, filters.event_id ?? null],
    [
      ['hub_id = ?', filters.hub_id],
      [filters.event_id ? WIDGET_OF_EVENT : 'widget_id = ?', filters.widget_id],
      ['category = ?', filters.category],
      ['status = ?', filters.status],
      ['id >= ihf_uuidv7_floor(?)', filters.since],
      ['id < ihf_uuidv7_floor(?)', filters.until],
    ],
    filters,
  );
}

export async function findAnnotation(db: Db, hubId: string, id: string): Promise<Annotation | undefined> {
  const [annotation] = await db.query<Annotation>(`select ${COLUMNS} from annotations where hub_id = $1 and id = $2`, [
    hubId,
    id,
  ]);
  return annotation;
}

export interface NewAnnotation {
  widget_id: string;
  event_id?: string;
  category: string;
  body: string;
  author?: string;
}

/** @throws IhfError invalid_request if the hub has no such widget, or the widget no such event. */
export async function insertAnnotation(db: Db, hubId: string, annotation: NewAnnotation): Promise<Annotation> {
  const [inserted] = await db.query<Annotation>(
    `insert into annotations (hub_id, widget_id, event_id, category, body, author)
     select widgets.hub_id, widgets.id, $2, $3, $4, $5
     from widgets
     where widgets.hub_id = $6 and widgets.id = $1
       and ($2::uuid is null or exists (select from interaction_events as event
         where event.hub_id = $6 and event.id = $2 and widget_id = $1))
     returning ${COLUMNS}`,
    [
      annotation.widget_id,
      annotation.event_id ?? null,
      annotation.category,
      annotation.body,
      annotation.author ?? null,
      hubId,
    ],
  );
  if (inserted) return inserted;
  const [widget] = await db.query('select from widgets where hub_id = $1 and id = $2', [hubId, annotation.widget_id]);
  throw invalidRequest([
    widget
      ? {
          pointer: '#/event_id',
          code: 'unknown_reference',
          detail: `The widget has no event ${annotation.event_id}. Correct event_id.`,
        }
      : {
          pointer: '#/widget_id',
          code: 'unknown_reference',
          detail: `There is no widget ${annotation.widget_id}. Create it first, or correct widget_id.`,
        },
  ]);
}

export interface Resolution {
  resolved_by?: string;
  resolution?: string;
}

/**
 * Closes an open annotation; undefined if there is none with this id.
 * @throws IhfError conflict if it is resolved already.
 */
export async function resolveAnnotation(
  db: Db,
  hubId: string,
  id: string,
  by: Resolution,
): Promise<Annotation | undefined> {
  const [resolved] = await db.query<Annotation>(
    `update annotations set status = 'resolved', resolved_at = now(), resolved_by = $2, resolution = $3
     where hub_id = $4 and id = $1 and status = 'open'
     returning ${COLUMNS}`,
    [id, by.resolved_by ?? null, by.resolution ?? null, hubId],
  );
  if (resolved) return resolved;
  const found = await findAnnotation(db, hubId, id);
  if (found)
    throw new IhfError(
      'conflict',
      `The annotation was already resolved at ${found.resolved_at}. Its resolution cannot be changed.`,
    );
  return undefined;
}
