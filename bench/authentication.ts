// The cost of authentication per request, compared with the same server without it in alternating rounds, and the time
// from a revocation to the last accepted request on three nodes under load.
// node dist/bench/authentication.js
import { resolve } from 'node:path';
import pg from 'pg';
import { issueKey } from '../server/access/api-keys.ts';
import { revokeKey } from '../server/store/access/api-keys.ts';
import { openDatabase } from '../server/store/database/database.ts';
import {
  benchCaller,
  benchPostgres,
  type LoadFigures,
  measureEventPosts,
  median,
  type ServerProcess,
  scaled,
  startServer,
} from './support.ts';

const ROUNDS = scaled(5, 1);
const SECONDS = scaled(4, 1);
const CONNECTIONS = scaled(64, 4);

const postgres = await benchPostgres();
const nodes = [await startServer(postgres.url), await startServer(postgres.url), await startServer(postgres.url)];
const caller = await benchCaller(postgres.url);
const withoutAuthentication = await startServer(
  postgres.url,
  resolve(import.meta.dirname, 'without-authentication.js'),
);
const body = JSON.stringify({ widget_id: caller.widgetId, event_type: 'clicked' });

const measure = (server: ServerProcess) =>
  measureEventPosts(server, { caller, body, connections: CONNECTIONS, seconds: SECONDS });
const all = { on: [] as LoadFigures[], off: [] as LoadFigures[] };
for (let round = 0; round <= ROUNDS; round++) {
  const figures = { on: await measure(nodes[0] as ServerProcess), off: await measure(withoutAuthentication) };
  if (round === 0) continue; // warm-up
  all.on.push(figures.on);
  all.off.push(figures.off);
}
for (const name of ['on', 'off'] as const) {
  const of = (key: keyof LoadFigures) => median(all[name].map((figures) => figures[key]));
  console.log(
    `authentication ${name}: ${of('perSecond').toFixed(0)} requests/s, ${of('nodeMicros').toFixed(0)} µs of CPU, ${of('mean').toFixed(2)} ms mean, ${CONNECTIONS} connections`,
  );
}
const ratios = all.on.map((figures, round) => figures.perSecond / (all.off[round]?.perSecond ?? Number.NaN));
console.log(`on / off = ${median(ratios).toFixed(2)} in requests per second`);

const db = new pg.Client(postgres.url);
await db.connect();
const database = openDatabase(postgres.url, { connections: 1 });
const { rows } = await db.query('select hub_id, id from api_consumers limit 1');
const { hub_id, id, key } = await issueKey(database, { hub_id: rows[0].hub_id, consumer_id: rows[0].id });
let stop = false;
let lastAccepted = 0;
let late = 0;
let revoked = Number.POSITIVE_INFINITY;
const load = nodes.flatMap(({ url }) =>
  Array.from({ length: 16 }, async () => {
    while (!stop) {
      const sent = performance.now();
      const response = await fetch(`${url}/api/v2/hubs`, { headers: { Authorization: `Bearer ${key}` } });
      await response.arrayBuffer();
      if (response.status !== 200) continue;
      lastAccepted = performance.now();
      if (sent > revoked) late += 1;
    }
  }),
);
await new Promise((done) => setTimeout(done, 1_000));
const revoking = performance.now();
await revokeKey(database, hub_id, id);
revoked = performance.now();
await new Promise((done) => setTimeout(done, 1_000));
stop = true;
await Promise.all(load);
console.log(
  `revocation took ${(revoked - revoking).toFixed(1)} ms; last accepted response ${(lastAccepted - revoked).toFixed(1)} ms after it; requests sent after it and accepted: ${late}`,
);
await database.close();
await db.end();
for (const server of [...nodes, withoutAuthentication]) await server.stop();
await postgres.stop();
