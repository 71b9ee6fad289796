import { Client, type ClientConfig, timeoutError } from './client.ts';

const CHECK_EVERY_MS = 5_000;
const CHECK_TIMEOUT_MS = 10_000;

/** Whether Postgres works on a statement of this session. */
const IS_ACTIVE = "select state = 'active' as active from pg_stat_activity where pid = $1";

/**
 * Runs statements that may take any time, such as those of migrations. Every few seconds a second connection asks whether Postgres
 * still works on them. If it does not, the response is lost, and the connection is closed.
 *
 * @param sql one or more statements.
 */
export async function runWatched(client: Client, config: ClientConfig, sql: string): Promise<void> {
  const pid = (await client.queryWithin<{ pid: number }>(CHECK_TIMEOUT_MS, 'select pg_backend_pid() as pid'))[0]?.pid;
  let wasIdle = false;
  let checking: Promise<void> | undefined;
  const check = async () => {
    const isIdle = !(await isActive(config, pid));
    // Once may be the moment at which it ends.
    if (isIdle && wasIdle) client.destroy(timeoutError('The connection to the database has stalled'));
    wasIdle = isIdle;
  };
  const timer = setInterval(() => {
    checking ??= check()
      // The statement must not fail because there is no second connection at the moment.
      .catch(() => {})
      .finally(() => {
        checking = undefined;
      });
  }, CHECK_EVERY_MS);
  try {
    await client.query(sql);
  } finally {
    clearInterval(timer);
    await checking;
  }
}

/** Whether the session works on a statement. The database that does not respond does not. */
async function isActive(config: ClientConfig, pid: number | undefined): Promise<boolean> {
  const client = new Client(config);
  try {
    await client.connect();
    return (await client.queryWithin<{ active: boolean }>(CHECK_TIMEOUT_MS, IS_ACTIVE, [pid]))[0]?.active ?? false;
  } catch (error) {
    if ((error as { code?: string }).code === 'ETIMEDOUT') return false;
    throw error;
  } finally {
    await client.end();
  }
}
