import { UUID } from '../../patterns.ts';
import type { Db } from '../database/database.ts';
import { type Page, type PagedList, type PageRequest, readPage } from '../database/pagination.ts';

/** The audited tables. A registry is one too. */
export async function listSubjectTypes(db: Db): Promise<string[]> {
  const types = await db.query<{ name: string }>('select name from audit_subject_types order by name');
  return types.map(({ name }) => name);
}

export type AuditAction =
  | 'added'
  | 'changed'
  | 'removed'
  | 'signed_in'
  | 'signed_out'
  | 'tested'
  | 'redelivered'
  | 'recovered';

/** An action, with the columns that it changed. Triggers record the changes of tables. */
export interface AuditEntry {
  id: string;
  made_at: string;
  actor: string;
  action: AuditAction;
  subject_type: string;
  subject: string;
  /** The current name of the subject; null if it has none. */
  subject_name: string | null;
  /** False if the subject was deleted. */
  is_there: boolean;
  /** The current name of the actor, if it is a consumer. */
  consumer_name: string | null;
  before: Record<string, unknown>;
  after: Record<string, unknown>;
}

const NAME = `case subject_type
  when 'operators' then (select name from operators where id = subject::uuid)
  when 'hubs' then (select slug from hubs where id = subject::uuid)
  when 'hub_capability_manifests' then (select name from hub_capability_manifests where id = subject::uuid)
  when 'api_consumers' then (select name from api_consumers where id = subject::uuid)
  when 'api_keys' then (select key_prefix || '…' from api_keys where id = subject::uuid)
  when 'client_secrets' then (select secret_prefix || '…' from client_secrets where id = subject::uuid)
  when 'webhook_subscriptions' then (select url from webhook_subscriptions where id = subject::uuid)
  else subject end`;

const IS_THERE = `not exists (select from webhook_subscriptions
  where id = case subject_type when 'webhook_subscriptions' then subject::uuid end and status = 'deleted')`;

const CONSUMER = `(select name from api_consumers
  where id = case when actor ~ '^consumer:[0-9a-f-]{36}$' then substr(actor, 10)::uuid end)`;

const LIST: PagedList<AuditEntry> = {
  name: 'audit_log',
  select: `select id, made_at, actor, action, subject_type, subject, ${NAME} as subject_name, ${IS_THERE} as is_there,
    ${CONSUMER} as consumer_name, before, after from audit_log where true`,
  key: 'id',
  keyPattern: UUID,
  keyOf: (entry) => entry.id,
};

export interface AuditFilters extends PageRequest {
  actor?: string | undefined;
  subject_type?: string | undefined;
  subject?: string | undefined;
}

export function listAudit(db: Db, filters: AuditFilters): Promise<Page<AuditEntry>> {
  return readPage(
    db,
    LIST,
    [],
    [
      ['actor = ?', filters.actor],
      ['subject_type = ?', filters.subject_type],
      ['subject = ?', filters.subject],
    ],
    filters,
  );
}

/** Records an action that changes no audited table. */
export async function recordAudit(
  db: Db,
  entry: Pick<AuditEntry, 'actor' | 'action' | 'subject_type' | 'subject'> & { after?: object },
): Promise<void> {
  await db.query('insert into audit_log (actor, action, subject_type, subject, after) values ($1, $2, $3, $4, $5)', [
    entry.actor,
    entry.action,
    entry.subject_type,
    entry.subject,
    entry.after ?? {},
  ]);
}
