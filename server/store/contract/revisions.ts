import type { Db } from '../database/database.ts';
import { INTEGER_KEY, type Page, type PagedList, type PageRequest, readPage } from '../database/pagination.ts';
import { REGISTRIES } from '../registries/registries.ts';

/** A registry value as the contract contains it. */
export interface RegistryValueState {
  name: string;
  label: string;
  description: string;
  status: 'active' | 'deprecated' | 'retired';
  replaced_by: string | null;
  sunset_at: string | null;
}

/** The values of every registry, by registry name. */
export type RegistryValueStates = Record<string, RegistryValueState[]>;

/** An authored document and the generator that renders its SDKs, by their digests. */
export interface Release {
  document_digest: string;
  generator_digest: string;
}

/** A release whose digests may be null: before the first node has started. */
export type KnownRelease = { [Part in keyof Release]: Release[Part] | null };

export interface CurrentRevision extends KnownRelease {
  revision: number;
  /** Changes with every commit of a revision. Two histories that gave the same number differ in it. */
  head_id: string;
}

/** One change of a registry value, as recorded by a trigger. */
export interface RegistryValueChange {
  registry: string;
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
  value_changes: RegistryValueChange[];
  /** The changes of a new release, as described by codegen; null for a change of registry values. */
  document_changes: unknown[] | null;
}

/** The columns of a `Revision`. */
export const REVISION_COLUMNS = `revision, committed_at, committed_by, document_changes, coalesce((
    select json_agg(json_build_object('registry', registry, 'name', name, 'before', before, 'after', after) order by id)
    from registry_changes where registry_changes.revision = contract_revisions.revision), '[]') as value_changes`;

const LIST: PagedList<Revision> = {
  name: 'contract_revisions',
  select: `select ${REVISION_COLUMNS} from contract_revisions where true`,
  key: 'revision',
  keyPattern: INTEGER_KEY,
  keyOf: (revision) => revision.revision,
};

export async function readCurrentRevision(db: Db): Promise<CurrentRevision> {
  const text = 'select revision, head_id, document_digest, generator_digest from contract_state';
  const [current] = await db.query<CurrentRevision>(text, [], 'current_revision');
  return current as CurrentRevision;
}

/**
 * Whether this revision is part of the history of the database. It is not after a failover or a restore that lost it,
 * even if its number was given again since.
 */
export async function hasRevision(db: Db, { revision, head_id }: Pick<CurrentRevision, 'revision' | 'head_id'>) {
  const [row] = await db.query<{ found: boolean }>(
    `select exists (select from contract_revisions where revision = $1 and head_id = $2) as found`,
    [revision, head_id],
  );
  return row?.found ?? false;
}

/** Makes all later revisions have numbers above `upTo`. */
export async function reserveRevisions(db: Db, upTo: number): Promise<void> {
  await db.query('select ihf_reserve_revisions($1)', [upTo]);
}

/** The current revision with its registry values. One statement, so that both are from the same snapshot. */
export async function readCurrent(db: Db): Promise<CurrentRevision & { values: RegistryValueStates }> {
  const [current] = await db.query<CurrentRevision & { values: RegistryValueStates }>(
    `select revision, head_id, document_digest, generator_digest, (
       select json_object_agg(registries.name, coalesce(registry.values, '[]')) from registries left join (
         select registry, json_agg(json_build_object('name', name, 'label', label, 'description', description,
           'status', status, 'replaced_by', replaced_by, 'sunset_at', sunset_at)) as values
         from ihf_registry_values() group by registry) as registry on registry.registry = registries.name) as values
     from contract_state`,
  );
  return current as CurrentRevision & { values: RegistryValueStates };
}

/**
 * Publishes a release as the next revision.
 * @returns the revision; null if the release is current, or was current before one that other nodes still run.
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

/** Announces that a node runs this release, for as long as the connection lasts. */
export function announceRelease({ document_digest, generator_digest }: Release): { text: string; values: string[] } {
  return { text: 'select ihf_announce_release($1, $2)', values: [document_digest, generator_digest] };
}

/** Whether a node that runs this release is connected. */
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

/** What a revision is rendered from: its release and the registry values of that time; undefined if there is none. */
export async function readSource(
  db: Db,
  revision: number,
): Promise<(KnownRelease & { values: RegistryValueStates }) | undefined> {
  const [row] = await db.query<KnownRelease & { changes: { registry: string; after: RegistryValueState }[] }>(
    `select document_digest, generator_digest, coalesce((
       select json_agg(latest) from (
         select distinct on (registry, name) registry, after from registry_changes
         where registry_changes.revision <= contract_revisions.revision
         order by registry, name, id desc) as latest), '[]') as changes
     from contract_revisions where revision = $1`,
    [revision],
  );
  if (!row) return undefined;
  const values: RegistryValueStates = {};
  for (const { registry, after } of row.changes) {
    values[registry] ??= [];
    values[registry].push(after);
    // A registry without values is one too.
    if (registry === REGISTRIES) values[after.name] ??= [];
  }
  const { document_digest, generator_digest } = row;
  return { document_digest, generator_digest, values };
}

/** Whether a release after one revision, up to another, changed the subject. */
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
