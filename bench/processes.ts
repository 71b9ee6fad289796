// POST /interaction-events with one process and with two (IHF_PROCESSES), in alternating rounds on one database.
// The load generator and Postgres use the same cores: on two cores a second process has little to gain.
// node dist/bench/processes.js
import { availableParallelism } from 'node:os';
import { benchCaller, benchPostgres, measureEventPosts, median, scaled, startServer } from './support.ts';

const ROUNDS = scaled(5, 1);
const SECONDS = scaled(4, 1);
const CONNECTIONS = process.env.IHF_BENCH_SMOKE ? [4] : [16, 64];

const postgres = await benchPostgres();
const one = await startServer(postgres.url, undefined, { IHF_PROCESSES: '1' });
const two = await startServer(postgres.url, undefined, { IHF_PROCESSES: '2' });
const caller = await benchCaller(postgres.url);
const body = JSON.stringify({
  widget_id: caller.widgetId,
  event_type: 'clicked',
  properties: { note: 'x'.repeat(400) },
});
console.log(`${availableParallelism()} cores, ${ROUNDS} rounds of ${SECONDS} s, medians`);
for (const connections of CONNECTIONS) {
  const perSecond: { one: number[]; two: number[] } = { one: [], two: [] };
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, server] of Object.entries({ one, two }) as ['one' | 'two', typeof one][]) {
      const figures = await measureEventPosts(server, { caller, body, connections, seconds: SECONDS });
      if (round > 0) perSecond[name].push(figures.perSecond); // the first round is a warm-up
    }
  }
  const ratios = perSecond.two.map((figure, round) => figure / (perSecond.one[round] ?? Number.NaN));
  const figures = `1 process ${median(perSecond.one).toFixed(0)}/s, 2 processes ${median(perSecond.two).toFixed(0)}/s`;
  console.log(`${connections} connections: ${figures}, ratio ${median(ratios).toFixed(2)}`);
}
await Promise.all([one.stop(), two.stop()]);
await postgres.stop();
