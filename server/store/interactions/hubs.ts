import { IhfError } from '../../errors.ts';
import { UUID } from '../../patterns.ts';
import type { Db } from '../database/database.ts';
import { type Page, type PagedList, type PageRequest, readPage } from '../database/pagination.ts';

export interface Hub {
  id: string;
  slug: string;
  name: string;
  description: string | null;
  created_at: string;
}

const COLUMNS = 'id, slug, name, description, created_at';

const LIST: PagedList<Hub> = {
  name: 'hubs',
  select: `select ${COLUMNS} from hubs where true`,
  key: 'id',
  keyPattern: UUID,
  keyOf: (hub) => hub.id,
};

/** All hubs, or only the one with this id. */
export function listHubs(db: Db, page: PageRequest, id?: string): Promise<Page<Hub>> {
  return readPage(db, LIST, [], [['id = ?', id]], page);
}

export async function findHub(db: Db, id: string): Promise<Hub | undefined> {
  const [hub] = await db.query<Hub>(`select ${COLUMNS} from hubs where id = $1`, [id]);
  return hub;
}

/** The hub with this slug or id. */
export async function findHubBySlug(db: Db, text: string): Promise<Hub | undefined> {
  const [hub] = await db.query<Hub>(`select ${COLUMNS} from hubs where slug = $1 or id::text = lower($1)`, [text]);
  return hub;
}

/** @throws IhfError already_exists if the slug is taken. */
export async function insertHub(db: Db, hub: { slug: string; name: string; description?: string }): Promise<Hub> {
  const [inserted] = await db.query<Hub>(
    `insert into hubs (slug, name, description) values ($1, $2, $3)
     on conflict (slug) do nothing
     returning ${COLUMNS}`,
    [hub.slug, hub.name, hub.description ?? null],
  );
  if (!inserted)
    throw new IhfError('already_exists', `slug '${hub.slug}' is already used by another hub. Use another one.`);
  return inserted;
}
