import type { SqlFunction, TableKeys } from './catalogue.ts';
import { type CheckResult, count } from './check-result.ts';
import type { Statement } from './store-statements.ts';

/**
 * The statements that do not name the hub of the rows that they use, by the reason. On a distributed database each needs
 * a global index, or is sent to all nodes. A place is a file of the store and the function or constant in it, or an SQL
 * function.
 */
export const ACROSS_HUBS: Readonly<Record<string, readonly string[]>> = {
  'the hash of a secret is unique in the installation and identifies the hub': [
    'access/admissions.ts ADMIT',
    'access/identities.ts findIdentity',
    'access/oauth-clients.ts findOAuthClient',
  ],
  'an operator names a row by its id alone': ['operators/hub-lookup.ts findHubIdOf'],
  'the dashboard shows the request log, the audit log and the usage of all hubs': [
    'access/quota-usage.ts listQuotaUsage',
    'operators/audit-log.ts LIST',
    'request-log/search.ts findRequest',
    'request-log/search.ts searchRequests',
    'request-log/statistics.ts consumerStatistics',
  ],
  'maintenance deletes the expired rows of all hubs': [
    'access/access-tokens.ts deleteExpiredTokens',
    'access/key-usage.ts deleteExpiredKeyUses',
    'interactions/idempotency-keys.ts deleteExpiredResponses',
    'webhooks/queue.ts advancePostponedDeliveries',
    'webhooks/queue.ts deleteExpiredDeliveries',
  ],
  'the secrets of all hubs are encrypted under one key': ['webhooks/sealed-keys.ts listSealedKeys'],
  'workers deliver the messages of all hubs': [
    'webhooks/queue.ts hasSubscriptions',
    'webhooks/recoveries.ts runRecoveryBatch',
    'ihf_claim_deliveries',
    'ihf_create_event_messages',
    'ihf_release_leases',
  ],
};

/** Every table of a hub's data has hub_id first in its primary key and in its foreign keys to other such tables. */
export function checkHubKeys(tables: readonly TableKeys[]): CheckResult {
  const hubTables = hubTablesOf(tables);
  const violations = tables.flatMap(({ table, columns, primaryKey, foreignKeys }) => {
    const found: string[] = [];
    const references = foreignKeys.filter((key) => hubTables.has(key.references));
    if (!columns.includes('hub_id')) {
      return references.map((key) => `${table} refers to ${key.references}, but has no hub_id`);
    }
    if (primaryKey[0] !== 'hub_id') {
      found.push(`the primary key of ${table} must start with hub_id, but is (${primaryKey.join(', ')})`);
    }
    for (const key of references) {
      if (key.columns[0] === 'hub_id' && key.referencedColumns[0] === 'hub_id') continue;
      found.push(`the foreign key (${key.columns.join(', ')}) of ${table} must start with hub_id`);
    }
    return found;
  });
  return { evidence: `${count(hubTables.size, 'table')} with hub_id`, violations };
}

export function hubTablesOf(tables: readonly TableKeys[]): Set<string> {
  return new Set(tables.filter(({ columns }) => columns.includes('hub_id')).map(({ table }) => table));
}

/**
 * Every statement has a condition on hub_id, or a value for it, for each mention of a table of a hub's data. A count, not
 * a proof: it finds a forgotten condition, not a wrong one.
 */
export function checkHubStatements(
  hubTables: ReadonlySet<string>,
  statements: readonly Statement[],
  functions: readonly SqlFunction[],
  acrossHubs: Readonly<Record<string, readonly string[]>> = ACROSS_HUBS,
): CheckResult {
  const allowed = new Set(Object.values(acrossHubs).flat());
  const violations: string[] = [];
  const used = new Set<string>();
  let checked = 0;
  const places = [
    ...statements.map(({ place, sql }) => ({ place: place.replace(/^server\/store\//, ''), sql })),
    ...functions.flatMap(({ name, body }) => body.split(';').map((sql) => ({ place: name, sql }))),
  ];
  for (const { place, sql } of places) {
    const { mentions, conditions } = countHubs(sql, hubTables);
    if (mentions > 0) checked += 1;
    if (conditions >= mentions) continue;
    if (allowed.has(place)) used.add(place);
    else violations.push(`${place}: ${count(mentions, 'hub table')}, but ${count(conditions, 'condition')} on hub_id`);
  }
  for (const place of allowed) {
    if (!used.has(place)) violations.push(`${place} is listed as across hubs, but names hub_id or does not exist`);
  }
  const evidence = `${count(checked, 'statement')} on hub data; ${allowed.size} listed as across hubs, with the reason`;
  return { evidence, violations };
}

/** A table as a word of its own: not the qualifier of a column, nor in a text. */
function countHubs(sql: string, hubTables: ReadonlySet<string>): { mentions: number; conditions: number } {
  const text = sql.replace(/--[^\n]*/g, '').replace(/'[^']*'/g, "''");
  const named = [...text.matchAll(/\b(?<!\.)([a-z_]+)\b(?!\.)/g)].filter(([, name]) => hubTables.has(name ?? ''));
  // A table whose name is computed, except that of a registry.
  const computed = text.match(/\b(?:from|join|into|update) \$\{(?!tableOf\(registry\)\})/g) ?? [];
  const conditions = text.match(
    /\bhub_id\b(?:, [\w.]+)*\)? (?:=|in\b|is not distinct from)|\binto \w+(?: as \w+)?\s+\(hub_id\b|\busing \(hub_id\b/g,
  );
  return { mentions: named.length + computed.length, conditions: conditions?.length ?? 0 };
}
