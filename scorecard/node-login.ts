import { randomBytes } from 'node:crypto';
import { Client } from '../server/store/database/client.ts';
import { connectionConfig } from '../server/store/database/connection-config.ts';
import { ensureNodeLogin, removeNodeLogin } from '../server/store/database/node-login.ts';
import { APPEND_ONLY } from './append-only.ts';
import { type CheckResult, count } from './check-result.ts';

const INSUFFICIENT_PRIVILEGE = '42501';

/** What an injected statement would try in a session of a node. */
export const ATTACKS: readonly string[] = [
  'set role postgres',
  'set session authorization postgres',
  ...Object.keys(APPEND_ONLY).flatMap((table) => [`delete from ${table}`, `reset role; delete from ${table}`]),
  'set role none; delete from webhook_attempts',
  'reset role; alter table audit_log disable trigger all',
  'reset role; drop table hubs',
  'reset role; create table public.own (id int)',
  "copy (select 1) to program 'true'",
  "reset role; copy (select 1) to program 'true'",
  "reset role; copy (select 1) to '/tmp/ihf-copy'",
  "select pg_read_file('PG_VERSION')",
  'reset role; alter role ihf_app createrole',
  'reset role; create role other login',
];

/** Tries the attacks in sessions of a login as a node has it. Returns those that were not rejected for lack of privileges. */
export async function attackAsNode(ownerUrl: string): Promise<string[]> {
  const secretKey = randomBytes(32);
  const url = await ensureNodeLogin(ownerUrl, secretKey);
  if (url === undefined) return ['the owner may not create the login of nodes'];
  try {
    const accepted: string[] = [];
    for (const attack of ATTACKS) if (!(await isRejected(url, attack))) accepted.push(attack);
    return accepted;
  } finally {
    await removeNodeLogin(ownerUrl, secretKey);
  }
}

/** Each in a session of its own, because it may change the role of the session. It is rolled back. */
async function isRejected(url: string, attack: string): Promise<boolean> {
  const client = new Client(connectionConfig(url));
  await client.connect();
  try {
    await client.query(`begin; ${attack}; rollback`);
    return false;
  } catch (error) {
    return (error as { code?: string }).code === INSUFFICIENT_PRIVILEGE;
  } finally {
    await client.end();
  }
}

/** A session of a node can neither become another role nor do what only its owner may. */
export function checkNodeLogin(accepted: readonly string[]): CheckResult {
  return {
    evidence: `${count(ATTACKS.length, 'attack')} tried in sessions of its login: set role, reset role, copy to program, deletes`,
    violations: accepted.map((attack) => `'${attack}' was not rejected`),
  };
}
