// A stand-in for a server, for tests that end a whole process: node server-stand-in.js DATA_DIR. It starts Postgres and
// prints a line of JSON. On Ctrl-C it queries Postgres before it stops it, as a server that finishes its requests does.
import pg from 'pg';
import { startPostgres } from '../../server/postgres/launcher.ts';

const { url, stop } = await startPostgres({ dataDir: process.argv[2] ?? '' });

async function query(sql: string): Promise<object> {
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows[0];
}

process.once('SIGINT', async () => {
  // Long enough that a Postgres that received the signal too would cancel the query.
  console.log(JSON.stringify(await query('select true as reachable from pg_sleep(0.5)')));
  await stop();
  process.exit(0);
});
console.log(JSON.stringify({ url, ...(await query("select current_setting('data_directory') as cluster")) }));
setInterval(() => {}, 60_000);
