// A stand-in for a hub, for tests that end a whole process: node hub.js DATA_DIR. It starts Postgres, says so in one
// line of JSON, and on Ctrl-C asks Postgres something before it stops it, as a hub that drains its requests does.
import pg from 'pg';
import { startPostgres } from '../../server/postgres/launcher.ts';

const { url, stop } = await startPostgres({ dataDir: process.argv[2] ?? '' });

async function ask(sql: string): Promise<unknown> {
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows[0];
}

process.once('SIGINT', async () => {
  await new Promise((resolve) => setTimeout(resolve, 100)); // time enough for a signal that reached Postgres to end it
  console.log(JSON.stringify(await ask('select true as "stillThere"')));
  await stop();
  process.exit(0);
});
console.log(JSON.stringify({ url, ...((await ask("select current_setting('data_directory') as cluster")) as object) }));
setInterval(() => {}, 60_000);
