import { valueNoun } from '../../../codegen/value-noun.ts';
import { type AuditEntry, listAudit, listSubjectTypes } from '../../store/operators/audit-log.ts';
import { moment } from '../core/format.ts';
import type { OperatorPage } from '../core/page.ts';
import { nextPageUrl } from '../core/pagination.ts';

const PAGE_SIZE = 50;

/** Other subjects are registry values. */
const NOUNS: Readonly<Record<string, string>> = {
  api_consumers: 'consumer',
  api_keys: 'API key',
  client_secrets: 'client secret',
  hub_capability_manifests: 'manifest',
  hubs: 'hub',
  installation_keys: 'installation key',
  operators: 'operator',
  webhook_limits: 'webhook limits',
  webhook_subscriptions: 'webhook subscription',
};

const ACTOR_KINDS: Readonly<Record<string, string>> = {
  operator: 'operator',
  cli: 'CLI',
  consumer: 'consumer',
  'installation-key': 'installation key',
};

export const auditPage: OperatorPage = async ({ query }, { database }) => {
  const actor = query.get('actor') ?? '';
  const types = await listSubjectTypes(database);
  const type = types.find((name) => name === query.get('type'));
  const subject = query.get('subject') ?? '';
  const page = await listAudit(database, {
    limit: PAGE_SIZE,
    cursor: query.get('cursor') ?? undefined,
    actor: actor || undefined,
    subject_type: type,
    subject: subject || undefined,
  });
  const view = {
    entries: page.data.map(entryView),
    types: types.map((name) => ({ name, noun: nounOf(name), isChosen: name === type })),
    older: nextPageUrl('/admin/audit', { actor, type: type ?? '', subject }, page.next_cursor),
    actor,
    subject,
  };
  return { page: 'audit/audit', title: 'Audit log', view };
};

function entryView(entry: AuditEntry) {
  const { made_at, action, subject_type, subject, subject_name, is_there, before, after } = entry;
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return {
    at: moment(made_at),
    actor: actorView(entry),
    action: action.replace('_', ' '),
    noun: nounOf(subject_type),
    subject,
    name: subject_name ?? subject,
    href: is_there ? subjectUrl(subject_type, subject) : undefined,
    history: `/admin/audit?${new URLSearchParams({ type: subject_type, subject })}`,
    changes: fields
      .map((field) => ({ field, before: formatValue(before[field]), after: formatValue(after[field]) }))
      .filter((change) => change.before || change.after)
      .map((change) => ({ ...change, field: change.field.replaceAll('_', ' ') })),
  };
}

/** An actor is recorded as 'operator:ada', 'cli:root', 'consumer:' and its id, or as the database role. */
function actorView({ actor, consumer_name }: AuditEntry) {
  const [, kind = '', name = actor] = /^(operator|cli|consumer|installation-key):(.*)$/s.exec(actor) ?? [];
  const href = consumer_name === null ? undefined : `/admin/consumers/${name}`;
  return { kind: ACTOR_KINDS[kind] ?? 'database', name: consumer_name ?? name, href };
}

function subjectUrl(type: string, subject: string): string | undefined {
  if (type === 'api_consumers') return `/admin/consumers/${subject}`;
  if (type === 'api_keys') return `/admin/keys/${subject}`;
  if (type === 'webhook_subscriptions') return `/admin/webhooks/${subject}`;
  if (type === 'hub_capability_manifests') return `/admin/manifests/${subject}`;
  return type in NOUNS ? undefined : `/admin/registries/${type}/values/${subject}`;
}

function nounOf(type: string): string {
  return NOUNS[type] ?? valueNoun(type);
}

function formatValue(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
