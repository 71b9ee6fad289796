import type pg from 'pg';
import { type CheckResult, count } from './check-result.ts';

/** The tables that are append-only, each with a column that an UPDATE may name. */
export const APPEND_ONLY: Readonly<Record<string, string>> = {
  api_request_log: 'problem',
  audit_log: 'actor',
  contract_documents: 'digest',
  contract_artifacts: 'content',
  contract_packages: 'wheel_size',
  contract_revisions: 'committed_by',
  contract_versions: 'version',
  registry_changes: 'name',
  webhook_attempts: 'error',
  webhook_messages: 'topic',
};

/** Raised by our own triggers, see the migrations. */
const APPEND_ONLY_VIOLATION = 'IH003';

/** At least one row in every table: row triggers do not fire on an empty table. */
const SEED = `
  select ihf_publish_release('scorecard', '{}', 'scorecard', '[]');
  insert into api_request_log (method, duration_us, bytes_in, bytes_out, request_id, revision)
    values ('GET', 0, 0, 0, 'scorecard', 0);
  insert into contract_artifacts (revision, name, digest, content)
    select revision, 'openapi.json', 'sha256:0', '' from contract_state;
  insert into contract_versions (revision, version) select revision, '1.0.0' from contract_state;
  insert into contract_packages
    (revision, npm_sha512, npm_sha1, npm_manifest, wheel_sha256, wheel_size, wheel_metadata_sha256)
    select revision, sha512(''), substr(sha512(''), 1, 20), '{}', sha256(''), 0, sha256('') from contract_state;
  insert into hubs (slug, name) values ('scorecard', 'Scorecard');
  insert into webhook_subscriptions (hub_id, url, topics, keys)
    select id, 'https://example.com', '{widget.registered}', '' from hubs where slug = 'scorecard';
  insert into webhook_messages (hub_id, topic, data)
    select id, 'webhook.test', '{}' from hubs where slug = 'scorecard';
  insert into webhook_attempts (hub_id, subscription_id, message_id, attempt, duration_ms, succeeded, response)
    select hub_id, id, id, 1, 0, true, '' from webhook_subscriptions`;

/** Tries to change the append-only tables as their owner, and rolls everything back. Returns the accepted statements. */
export async function tryToChange(client: pg.Client): Promise<string[]> {
  await client.query('begin');
  try {
    await client.query(SEED);
    const done: string[] = [];
    for (const [table, column] of Object.entries(APPEND_ONLY)) {
      for (const statement of [
        `update ${table} set ${column} = ${column}`,
        `delete from ${table}`,
        `truncate ${table} cascade`,
      ]) {
        if (!(await isRejected(client, statement, table))) done.push(statement);
      }
    }
    return done;
  } finally {
    await client.query('rollback');
  }
}

async function isRejected(client: pg.Client, statement: string, table: string): Promise<boolean> {
  await client.query('savepoint attempt');
  try {
    await client.query(statement);
    return false;
  } catch (error) {
    const { code, table: rejectedBy } = error as pg.DatabaseError;
    // For a partitioned table, the error comes from the partition of the day.
    return code === APPEND_ONLY_VIOLATION && rejectedBy?.replace(/_\d{4}_\d\d_\d\d$/, '') === table;
  } finally {
    await client.query('rollback to savepoint attempt');
  }
}

/** Append-only tables reject every change except an insert, also by their owner. */
export function checkAppendOnly(accepted: readonly string[]): CheckResult {
  const tables = Object.keys(APPEND_ONLY);
  return {
    evidence: `${count(tables.length, 'table')} tried by their owner: ${tables.join(', ')}`,
    violations: accepted.map((statement) => `'${statement}' was not rejected`),
  };
}
