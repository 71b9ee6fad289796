import type { Db } from './database.ts';
import { INTEGER_KEY, type Page, type PagedList, type PageRequest, readPage } from './pages.ts';
import { REGISTRIES, type RegistryName } from './registries.ts';

/** A word as the contract shows it. */
export interface Word {
  name: string;
  label: string;
  description: string;
  status: 'active' | 'deprecated' | 'retired';
  replaced_by: string | null;
  sunset_at: string | null;
}

export type Words = Record<RegistryName, Word[]>;

export interface Head {
  revision: number;
  /** The authored document in force; null before the first hub started. */
  document_digest: string | null;
}

/** One change of a registry, as its trigger recorded it. */
export interface WordChange {
  registry: RegistryName;
  name: string;
  before: Word | null;
  after: Word;
}

export interface Revision {
  revision: number;
  committed_at: string;
  committed_by: string;
  word_changes: WordChange[];
  /** What a new authored document changed, as codegen described it; null for a registry change. */
  document_changes: unknown[] | null;
}

const WORD = 'name, label, description, status, replaced_by, sunset_at';

const LIST: PagedList<Revision> = {
  name: 'contract_revisions',
  select: `select revision, committed_at, committed_by, document_changes, coalesce((
      select json_agg(json_build_object('registry', registry, 'name', name, 'before', before, 'after', after) order by id)
      from registry_changes where registry_changes.revision = contract_revisions.revision), '[]') as word_changes
    from contract_revisions`,
  key: 'revision',
  keyPattern: INTEGER_KEY,
  keyOf: (revision) => revision.revision,
};

export async function readHead(db: Db): Promise<Head> {
  const [head] = await db.query<Head>('select revision, document_digest from contract_state', [], 'contract_head');
  return head as Head;
}

/** The revision and the words that belong to it, read in one statement and so from one moment. */
export async function readCurrent(db: Db): Promise<Head & { words: Words }> {
  const words = REGISTRIES.map(
    (registry) =>
      `'${registry}', (select coalesce(json_agg(word), '[]') from (select ${WORD} from ${registry}) as word)`,
  );
  const [current] = await db.query<Head & { words: Words }>(
    `select revision, document_digest, json_build_object(${words.join(', ')}) as words from contract_state`,
  );
  return current as Head & { words: Words };
}

/** Makes a document the current one. Its revision, or null if it was current already. */
export async function publishDocument(
  db: Db,
  digest: string,
  document: object,
  changes: readonly unknown[],
): Promise<number | null> {
  const [row] = await db.query<{ revision: number | null }>('select ihf_publish_document($1, $2, $3) as revision', [
    digest,
    JSON.stringify(document),
    JSON.stringify(changes),
  ]);
  return row?.revision ?? null;
}

export async function readDocument(db: Db, digest: string): Promise<unknown> {
  const [row] = await db.query<{ document: unknown }>('select document from contract_documents where digest = $1', [
    digest,
  ]);
  return row?.document;
}

/** What a revision was made of: its authored document's digest and the words as they stood; undefined if there is none. */
export async function readSource(
  db: Db,
  revision: number,
): Promise<{ document_digest: string | null; words: Words } | undefined> {
  const [row] = await db.query<{ document_digest: string | null; changes: { registry: RegistryName; after: Word }[] }>(
    `select document_digest, coalesce((
       select json_agg(latest) from (
         select distinct on (registry, name) registry, after from registry_changes
         where registry_changes.revision <= contract_revisions.revision
         order by registry, name, id desc) as latest), '[]') as changes
     from contract_revisions where revision = $1`,
    [revision],
  );
  if (!row) return undefined;
  const words: Words = { annotation_categories: [], event_types: [], widget_types: [] };
  for (const { registry, after } of row.changes) words[registry].push(after);
  return { document_digest: row.document_digest, words };
}

export function listRevisions(db: Db, page: PageRequest): Promise<Page<Revision>> {
  return readPage(db, LIST, [], page);
}

export async function findRevision(db: Db, revision: number): Promise<Revision | undefined> {
  const [found] = await db.query<Revision>(`${LIST.select} where revision = $1`, [revision]);
  return found;
}
