import type { TextColumn } from './catalogue.ts';
import { type CheckResult, count } from './check-result.ts';

/** A name that says "which kind": such a column must be closed. */
const SAYS_WHICH = /(^|_)(status|state|kind|type|category|registry|topic|scope|role|level|mode|format|artifact)s?$/;

/** A foreign key, or a CHECK that lists the values and says nothing else. One of length or shape leaves a column open. */
const CLOSES = [
  /^FOREIGN KEY (?!.* NOT ENFORCED)/,
  // Postgres writes a list of one value as an equality.
  /^CHECK \(+"?\w+"?\)*(::text)? = '[^']*'::text\)+$/,
  /^CHECK \(+"?\w+"?\)*(::text(\[\])?)? (= ANY|<@) \(*ARRAY\[[^\]]*\](\)*::text\[\])?\)+$/,
];

/** The open text columns, `table.column`, by the reason why no list of values could hold them. */
export const FREE_TEXT: Readonly<Record<string, readonly string[]>> = {
  'what people wrote': [
    ...['hubs.name', 'hubs.description', 'widgets.name', 'widgets.description'],
    ...['annotations.body', 'annotations.resolution', 'hub_capability_manifests.name', 'api_scopes.description'],
    ...['<registry>.label', '<registry>.description'],
  ],
  'the names of registry values and scopes': [
    '<registry>.name',
    // Of all registries; values are never deleted, and only a trigger inserts here.
    'registry_changes.name',
    'api_scopes.name',
  ],
  'the names of tables and columns, which only migrations write': [
    ...['audit_subject_types.name', 'registry_columns.table_name', 'registry_columns.column_name'],
    ...['webhook_filters.field', 'webhook_filters.path'],
  ],
  'names that others give to their own things': [
    ...['hubs.slug', 'widgets.key', 'interaction_events.actor_id', 'interaction_events.session_id'],
    ...['annotations.author', 'annotations.resolved_by', 'contract_revisions.committed_by', 'idempotency_keys.key'],
    ...['api_consumers.name', 'api_keys.name', 'installation_keys.name'],
    'webhook_subscriptions.url',
    // As a caller sent them, known or not.
    ...['api_request_log.request_id', 'client_failures.ip_address'],
    ...['operators.name', 'operator_attempts.name', 'operator_attempts.ip_address'],
    // Database users, and the keys of rows of several tables.
    ...['audit_log.actor', 'audit_log.subject'],
  ],
  'digests, contents and file names that programs make': [
    ...[
      'partitioned_tables.name',
      'contract_documents.digest',
      'contract_artifacts.digest',
      'contract_revisions.generator_digest',
      'contract_versions.version',
      'contract_state.generator_digest',
    ],
    // Of openapi.yaml; a foreign key leads here.
    ...['api_operations.name', 'api_operations.path'],
    ...['idempotency_keys.body', 'schema_migrations.name', 'schema_migrations.sha256'],
    'api_request_log.key_prefix',
    ...[
      'api_keys.key_prefix',
      'installation_keys.key_prefix',
      'client_secrets.secret_prefix',
      'webhook_subscriptions.public_key',
    ],
    'operators.password_hash',
  ],
  'what happened at an endpoint': [...['webhook_attempts.error', 'webhook_attempts.response', 'webhook_attempts.url']],
};

/** Every text column is closed by a foreign key or by a CHECK that lists its values, or is listed as free text. */
export function checkDiscriminators(columns: readonly TextColumn[]): CheckResult {
  const free = new Set(Object.values(FREE_TEXT).flat());
  const argued = new Set<string>();
  const violations: string[] = [];
  let closed = 0;
  for (const { table, column, constraints } of columns) {
    const name = `${table}.${column}`;
    if (free.has(name)) argued.add(name);
    if (constraints.some((definition) => CLOSES.some((form) => form.test(definition)))) {
      closed += 1;
      if (argued.has(name)) violations.push(`${name} is closed: remove it from the list of free text`);
    } else if (SAYS_WHICH.test(column)) {
      violations.push(`${name} is a bare text discriminator: give it a foreign key, or a CHECK that lists its values`);
    } else if (!argued.has(name)) {
      violations.push(`${name} is open: close it, or list it as free text`);
    }
  }
  violations.push(
    ...[...free]
      .filter((name) => !argued.has(name))
      .map((name) => `${name} is listed as free text, but there is no such text column`),
  );
  const evidence = `${count(columns.length, 'text column')}: ${closed} closed, ${columns.length - closed} listed as free text`;
  return { evidence, violations };
}
