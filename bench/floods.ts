// What floods of strangers cost a caller: latency beside each kind of flood, and the CPU of the node and of Postgres.
// node dist/bench/floods.js [rounds]
import pg from 'pg';
import { type CallerAtWork, callerAtWork, startFlood } from '../test/protection/flood.ts';
import {
  benchCaller,
  benchPostgres,
  cpuOf,
  cpuOfPostgres,
  median,
  percentile,
  scaled,
  startServer,
} from './support.ts';

const ROUNDS = Number(process.argv[2] ?? scaled(5, 1));

/** The kinds of connections that are occupied, and whether forms are posted. */
const FLOODS: Record<string, [connections: string | undefined, forms: boolean]> = {
  alone: [undefined, false],
  'half-sent bodies': ['half', false],
  'idle connections': ['idle', false],
  'joins and passwords': ['', true],
  all: ['half,idle', true],
};

const postgres = await benchPostgres();
const server = await startServer(postgres.url);
const { key, widgetId } = await benchCaller(postgres.url);
const owner = new pg.Client(postgres.url);
await owner.connect();
await owner.query('update api_consumers set rate_per_minute = 2000000000, daily_quota = 2000000000');
await owner.end();
const caller: CallerAtWork = { port: Number(new URL(server.url).port), key: key as string, widgetId };

interface Figures {
  p50: number;
  p99: number;
  max: number;
  node: number;
  postgres: number;
}

async function measure(): Promise<Figures> {
  const [node, database] = [cpuOf(server.pid), cpuOfPostgres()];
  const { durations, p99, failures } = await callerAtWork(caller);
  if (failures.length > 0) throw new Error(`${failures.length} requests failed: ${failures.slice(0, 5)}`);
  return {
    ...{ p50: percentile(durations, 0.5), p99, max: percentile(durations, 1) },
    ...{ node: cpuOf(server.pid) - node, postgres: cpuOfPostgres() - database },
  };
}

await callerAtWork(caller);
await callerAtWork(caller);
// Round by round, so that other programs of the machine disturb all kinds alike.
const measured = new Map(Object.keys(FLOODS).map((name) => [name, [] as Figures[]]));
for (let round = 0; round < ROUNDS; round++) {
  for (const [name, [connections, forms]] of Object.entries(FLOODS)) {
    const flood = connections === undefined ? undefined : await startFlood(caller.port, connections, round);
    const posted = forms ? flood?.postForms() : undefined;
    measured.get(name)?.push(await measure());
    await posted;
    await flood?.end();
  }
}
for (const [name, rounds] of measured) {
  const figures = (['p50', 'p99', 'max', 'node', 'postgres'] as const).map((field) => {
    return `${field} ${median(rounds.map((each) => each[field])).toFixed(1)}`;
  });
  const all = rounds.map(({ p99 }) => p99.toFixed(1)).join(' ');
  console.log(`${name.padEnd(20)} ${figures.join(' ms  ')} ms  p99 of each round: ${all}`);
}
await server.stop();
await postgres.stop();
