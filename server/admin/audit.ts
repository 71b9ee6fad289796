import { type AuditEntry, listAudit, SUBJECT_TYPES } from '../store/operators/audit-log.ts';
import { moment } from './format.ts';
import type { OperatorPage } from './page.ts';

const SHOWN = 50;

const NOUNS: Readonly<Record<string, string>> = {
  annotation_categories: 'annotation category',
  api_consumers: 'consumer',
  api_keys: 'key',
  client_secrets: 'client secret',
  event_types: 'event type',
  hub_capability_manifests: 'manifest',
  hubs: 'hub',
  operators: 'operator',
  webhook_subscriptions: 'webhook subscription',
  widget_types: 'widget type',
};

const WAYS: Readonly<Record<string, string>> = { operator: 'operator', cli: 'command line', consumer: 'consumer' };

export const auditPage: OperatorPage = async ({ query }, { database }) => {
  const actor = query.get('actor') ?? '';
  const type = SUBJECT_TYPES.find((name) => name === query.get('type'));
  const subject = query.get('subject') ?? '';
  const page = await listAudit(database, {
    limit: SHOWN,
    cursor: query.get('cursor') ?? undefined,
    actor: actor || undefined,
    subject_type: type,
    subject: subject || undefined,
  });
  const filters = new URLSearchParams({ actor, type: type ?? '', subject });
  const view = {
    entries: page.data.map(entryView),
    types: SUBJECT_TYPES.map((name) => ({ name, noun: NOUNS[name], isChosen: name === type })),
    older: page.next_cursor && `/admin/audit?${filters}&cursor=${page.next_cursor}`,
    actor,
    subject,
  };
  return { page: 'audit', title: 'Audit', view };
};

function entryView(entry: AuditEntry) {
  const { made_at, action, subject_type, subject, subject_name, is_there, before, after } = entry;
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return {
    at: moment(made_at),
    actor: actorView(entry),
    action: action.replace('_', ' '),
    noun: NOUNS[subject_type],
    subject,
    name: subject_name ?? subject,
    href: is_there ? hrefOf(subject_type, subject) : undefined,
    history: `/admin/audit?${new URLSearchParams({ type: subject_type, subject })}`,
    changes: fields
      .map((field) => ({ field, before: textOf(before[field]), after: textOf(after[field]) }))
      .filter((change) => change.before || change.after)
      .map((change) => ({ ...change, field: change.field.replaceAll('_', ' ') })),
  };
}

/** Who it was, and by what way: 'operator:ada', 'cli:root', 'consumer:' and an id, or who connected to the database. */
function actorView({ actor, consumer_name }: AuditEntry) {
  const [, way = '', who = actor] = /^(operator|cli|consumer):(.*)$/s.exec(actor) ?? [];
  const href = consumer_name === null ? undefined : `/admin/consumers/${who}`;
  return { way: WAYS[way] ?? 'database', name: consumer_name ?? who, href };
}

function hrefOf(type: string, subject: string): string | undefined {
  if (type === 'api_consumers') return `/admin/consumers/${subject}`;
  if (type === 'api_keys') return `/admin/keys/${subject}`;
  if (type === 'webhook_subscriptions') return `/admin/webhooks/${subject}`;
  if (type === 'hub_capability_manifests') return `/admin/manifests/${subject}`;
  if (NOUNS[type]?.match(/type|category/)) return `/admin/registries/${type}/values/${subject}`;
  return undefined;
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
