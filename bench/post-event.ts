// POST /interaction-events, compared with a bare Express handler with one INSERT, in alternating rounds.
// node dist/bench/post-event.js
import { resolve } from 'node:path';
import {
  benchCaller,
  benchPostgres,
  type LoadFigures,
  measureEventPosts,
  median,
  scaled,
  startServer,
} from './support.ts';

const ROUNDS = scaled(5, 1);
const SECONDS = scaled(4, 1);
const CONNECTIONS = process.env.IHF_BENCH_SMOKE ? [4] : [1, 16, 64];

const postgres = await benchPostgres();
const ihf = await startServer(postgres.url);
const caller = await benchCaller(postgres.url);
const bare = await startServer(postgres.url, resolve(import.meta.dirname, 'express-baseline.js'));
const body = JSON.stringify({
  widget_id: caller.widgetId,
  event_type: 'clicked',
  occurred_at: '2026-11-20T09:36:59.120Z',
  actor_id: 'visitor-4711',
  session_id: '5f0c2b',
  properties: { basket_value: 129.9, note: 'x'.repeat(400) },
});
console.log(`${body.length} bytes per request, ${ROUNDS} rounds of ${SECONDS} s, medians; CPU in µs per request`);
for (const connections of CONNECTIONS) {
  const all = { server: [] as LoadFigures[], bare: [] as LoadFigures[] };
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, server] of [
      ['server', ihf],
      ['bare', bare],
    ] as const) {
      const figures = await measureEventPosts(server, { caller, body, connections, seconds: SECONDS });
      if (round > 0) all[name].push(figures); // the first round is a warm-up
    }
  }
  const of = (name: 'server' | 'bare', key: keyof LoadFigures) => median(all[name].map((figures) => figures[key]));
  for (const name of ['server', 'bare'] as const) {
    const row = (['perSecond', 'nodeMicros', 'postgresMicros', 'p50', 'p99'] as const).map(
      (key) => `${key} ${of(name, key).toFixed(key === 'p50' || key === 'p99' ? 1 : 0)}`,
    );
    console.log(`${connections} connections, ${name}: ${row.join(', ')}`);
  }
  const ratios = all.server.map((figures, round) => figures.perSecond / (all.bare[round]?.perSecond ?? Number.NaN));
  console.log(`${connections} connections: server / bare = ${median(ratios).toFixed(2)} in requests per second`);
}
await Promise.all([ihf.stop(), bare.stop()]);
await postgres.stop();
