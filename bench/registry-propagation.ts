// The time from a registry commit until three nodes accept and publish the new value.
// node dist/bench/registry-propagation.js
import pg from 'pg';
import { benchCaller, benchPostgres, median, percentile, post, scaled, startServer } from './support.ts';

const CHANGES = scaled(200, 5);

const postgres = await benchPostgres();
const nodes = [];
for (let node = 0; node < 3; node++) nodes.push(await startServer(postgres.url));
const caller = await benchCaller(postgres.url);
const db = new pg.Client(postgres.url);
await db.connect();

const accepted: number[] = [];
const announced: number[] = [];
const published: number[] = [];

/** Polls `/healthz`, which does not make the node read the registry, until the node has the revision. */
async function waitForRevision(url: string, revision: number): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/healthz`);
    await response.arrayBuffer();
    if (Number(response.headers.get('ihf-contract-revision')) >= revision) return;
  }
}

for (let change = 0; change < CHANGES; change++) {
  const name = `value_${change}`;
  await db.query('insert into event_types (name, label) values ($1, $1)', [name]);
  const committed = performance.now();
  const since = () => performance.now() - committed;
  await Promise.all(
    nodes.map(async ({ url }) => {
      await waitForRevision(url, change + 2);
      announced.push(since());
      await post(`${url}/api/v2/interaction-events`, caller, { widget_id: caller.widgetId, event_type: name });
      accepted.push(since());
      const document = await (await fetch(`${url}/api/v2/openapi.json`)).text();
      if (!document.includes(`"${name}"`)) throw new Error(`${url} does not publish ${name}`);
      published.push(since());
    }),
  );
}
for (const [what, values] of Object.entries({ announced, accepted, published })) {
  console.log(
    `${what} on each of 3 nodes: p50 ${median(values).toFixed(1)} ms, p99 ${percentile(values, 0.99).toFixed(1)} ms, max ${Math.max(...values).toFixed(1)} ms, ${CHANGES} changes`,
  );
}
await db.end();
for (const node of nodes) await node.stop();
await postgres.stop();
