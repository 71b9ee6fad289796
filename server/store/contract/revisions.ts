import type { Db } from '../database/database.ts';
import { INTEGER_KEY, type Page, type PagedList, type PageRequest, readPage } from '../database/pagination.ts';
import { REGISTRIES, type RegistryName } from '../registries/registry-values.ts';

/** A word as the contract shows it. */
export interface RegistryValueState {
  name: string;
  label: string;
  description: string;
  status: 'active' | 'deprecated' | 'retired';
  replaced_by: string | null;
  sunset_at: string | null;
}

export type RegistryValueStates = Record<RegistryName, RegistryValueState[]>;

/** What a version of the hub brings to the contract, by the digests of its authored document and of what it generates. */
export interface Release {
  document_digest: string;
  generator_digest: string;
}

/** An edition that may be unknown: before the first hub started, or of a version that did not say. */
export type KnownRelease = { [Part in keyof Release]: Release[Part] | null };

export interface CurrentRevision extends KnownRelease {
  revision: number;
}

/** One change of a registry, as its trigger recorded it. */
export interface RegistryValueChange {
  registry: RegistryName;
  name: string;
  before: RegistryValueState | null;
  after: RegistryValueState;
}

/** Notified by every commit of a contract revision. */
export const CONTRACT_CHANNEL = 'ihf_contract';

export interface Revision {
  revision: number;
  committed_at: string;
  committed_by: string;
  word_changes: RegistryValueChange[];
  /** What a new edition changed, as codegen described it; null for a registry change. */
  document_changes: unknown[] | null;
}

const WORD = 'name, label, description, status, replaced_by, sunset_at';

const LIST: PagedList<Revision> = {
  name: 'contract_revisions',
  select: `select revision, committed_at, committed_by, document_changes, coalesce((
      select json_agg(json_build_object('registry', registry, 'name', name, 'before', before, 'after', after) order by id)
      from registry_changes where registry_changes.revision = contract_revisions.revision), '[]') as word_changes
    from contract_revisions where true`,
  key: 'revision',
  keyPattern: INTEGER_KEY,
  keyOf: (revision) => revision.revision,
};

export async function readCurrentRevision(db: Db): Promise<CurrentRevision> {
  const text = 'select revision, document_digest, generator_digest from contract_state';
  const [head] = await db.query<CurrentRevision>(text, [], 'contract_head');
  return head as CurrentRevision;
}

/** The revision and the words that belong to it, read in one statement and so from one moment. */
export async function readCurrent(db: Db): Promise<CurrentRevision & { words: RegistryValueStates }> {
  const words = REGISTRIES.map(
    (registry) =>
      `'${registry}', (select coalesce(json_agg(word), '[]') from (select ${WORD} from ${registry}) as word)`,
  );
  const [current] = await db.query<CurrentRevision & { words: RegistryValueStates }>(
    `select revision, document_digest, generator_digest, json_build_object(${words.join(', ')}) as words
     from contract_state`,
  );
  return current as CurrentRevision & { words: RegistryValueStates };
}

/**
 * Makes an edition the current one.
 * @returns its revision, or null if it is current already, or was before what other nodes serve now.
 */
export async function publishRelease(
  db: Db,
  { document_digest, generator_digest }: Release,
  document: object,
  changes: readonly unknown[],
): Promise<number | null> {
  const [row] = await db.query<{ revision: number | null }>('select ihf_publish_release($1, $2, $3, $4) as revision', [
    document_digest,
    JSON.stringify(document),
    generator_digest,
    JSON.stringify(changes),
  ]);
  return row?.revision ?? null;
}

/** Says on a connection of its own that a node of this edition is there, for as long as the connection lasts. */
export function announceRelease({ document_digest, generator_digest }: Release): { text: string; values: string[] } {
  return { text: 'select ihf_announce_release($1, $2)', values: [document_digest, generator_digest] };
}

/** Whether a node of this edition is there. */
export async function isReleaseRunning(db: Db, { document_digest, generator_digest }: KnownRelease): Promise<boolean> {
  const values = [document_digest, generator_digest];
  const [row] = await db.query<{ running: boolean | null }>('select ihf_is_release_running($1, $2) as running', values);
  return row?.running ?? false;
}

export async function readDocument(db: Db, digest: string): Promise<unknown> {
  const [row] = await db.query<{ document: unknown }>('select document from contract_documents where digest = $1', [
    digest,
  ]);
  return row?.document;
}

/** What a revision was made of: its edition and the words as they stood; undefined if there is none. */
export async function readSource(
  db: Db,
  revision: number,
): Promise<(KnownRelease & { words: RegistryValueStates }) | undefined> {
  const [row] = await db.query<KnownRelease & { changes: { registry: RegistryName; after: RegistryValueState }[] }>(
    `select document_digest, generator_digest, coalesce((
       select json_agg(latest) from (
         select distinct on (registry, name) registry, after from registry_changes
         where registry_changes.revision <= contract_revisions.revision
         order by registry, name, id desc) as latest), '[]') as changes
     from contract_revisions where revision = $1`,
    [revision],
  );
  if (!row) return undefined;
  const words: RegistryValueStates = { annotation_categories: [], event_types: [], widget_types: [] };
  for (const { registry, after } of row.changes) words[registry].push(after);
  const { document_digest, generator_digest } = row;
  return { document_digest, generator_digest, words };
}

/** Whether an edition after the one revision, up to the other, changed what is named so. */
export async function releasesChanged(db: Db, subject: string, after: number, upTo: number): Promise<boolean> {
  const [row] = await db.query<{ changed: boolean }>(
    `select exists (select from contract_revisions
       where revision > $1 and revision <= $2 and document_changes @> $3) as changed`,
    [after, upTo, JSON.stringify([{ subject }])],
  );
  return row?.changed ?? false;
}

export function listRevisions(db: Db, page: PageRequest): Promise<Page<Revision>> {
  return readPage(db, LIST, [], [], page);
}

export async function findRevision(db: Db, revision: number): Promise<Revision | undefined> {
  const [found] = await db.query<Revision>(`${LIST.select} and revision = $1`, [revision]);
  return found;
}
