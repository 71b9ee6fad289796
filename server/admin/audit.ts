import { type AuditEntry, listAudit, SUBJECT_TYPES } from '../store/audit-log.ts';
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

function entryView({ made_at, actor, action, subject_type, subject, subject_name, before, after }: AuditEntry) {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return {
    at: moment(made_at),
    actor,
    action: action.replace('_', ' '),
    noun: NOUNS[subject_type],
    subject,
    name: subject_name ?? subject,
    href: hrefOf(subject_type, subject),
    history: `/admin/audit?${new URLSearchParams({ type: subject_type, subject })}`,
    changes: fields
      .map((field) => ({ field, before: textOf(before[field]), after: textOf(after[field]) }))
      .filter((change) => change.before || change.after)
      .map((change) => ({ ...change, field: change.field.replaceAll('_', ' ') })),
  };
}

function hrefOf(type: string, subject: string): string | undefined {
  if (type === 'api_consumers') return `/admin/consumers/${subject}`;
  if (type === 'api_keys') return `/admin/keys/${subject}`;
  if (type === 'hub_capability_manifests') return `/admin/manifests/${subject}`;
  if (NOUNS[type]?.match(/type|category/)) return `/admin/registries/${type}/values/${subject}`;
  return undefined;
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
