import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readConfig } from '../../server/config.ts';
import { type RunningServer, startServer } from '../../server/server.ts';
import { setConsumerLimits } from '../../server/store/access/consumers.ts';
import { newCaller } from '../support/access.ts';
import { testDatabase } from '../support/database.ts';
import { apiOf, CONFIG } from '../support/server.ts';

const TOKEN = 'a-token-for-metrics';

let database: Awaited<ReturnType<typeof testDatabase>>;
let server: RunningServer;

before(async () => {
  database = await testDatabase();
  server = await start({ metricsPort: 0, metricsToken: TOKEN });
});
after(async () => {
  await server.close();
  await database.drop();
});

const start = (settings: { metricsPort?: number; metricsToken?: string }) =>
  startServer({ ...CONFIG, observability: { ...CONFIG.observability, ...settings } }, database.url);

const read = async (): Promise<string> => {
  const headers = { Authorization: `Bearer ${TOKEN}` };
  return (await fetch(server.metricsUrl as string, { headers })).text();
};

/** The value of a sample, by name and labels in the Prometheus format; 0 if there is none. */
function sample(text: string, name: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? 0);
}

test('requests, durations and denials are counted by operation id, never by path', async () => {
  const caller = await newCaller(server.database);
  const api = apiOf(server.url, caller.key);
  await api.GET('/api/v2/hubs');
  await fetch(`${server.url}/api/v2/hubs`);
  await fetch(`${server.url}/api/v2/some-secret-path?with=values`);
  await setConsumerLimits(server.database, caller.hubId, caller.consumerId, { daily_quota: 0 });
  await api.GET('/api/v2/hubs');
  const text = await read();
  assert.equal(sample(text, 'ihf_requests_total{operation="listHubs",status="200"}'), 1);
  assert.equal(sample(text, 'ihf_requests_total{operation="listHubs",status="401"}'), 1);
  assert.equal(sample(text, 'ihf_requests_total{operation="listHubs",status="429"}'), 1);
  assert.equal(sample(text, 'ihf_requests_total{operation="none",status="404"}'), 1);
  assert.equal(sample(text, 'ihf_request_duration_seconds_count{operation="listHubs"}'), 3);
  assert.equal(sample(text, 'ihf_rejected_requests_total{reason="day"}'), 1);
  assert.ok(!text.includes('some-secret-path') && !text.includes(caller.key.slice(9)));
});

test('rows written and dropped, and process metrics, are exported', async () => {
  await server.requestLog.flush();
  const text = await read();
  assert.equal(sample(text, 'ihf_request_log_rows_total{result="written"}'), server.requestLog.written);
  assert.ok(server.requestLog.written > 0);
  assert.equal(sample(text, 'ihf_request_log_rows_total{result="dropped"}'), 0);
  assert.match(text, /^ihf_requests_in_flight 0$/m);
  assert.match(text, /^nodejs_eventloop_lag_p99_seconds /m);
});

test('the metrics require the token, on the main port and on the separate port', async () => {
  const ask = (authorization?: string, url = `${server.url}/metrics`) =>
    fetch(url, { headers: authorization ? { Authorization: authorization } : {} });
  for (const wrong of [undefined, 'Bearer ', `Bearer ${TOKEN}x`, TOKEN]) {
    const refused = await ask(wrong);
    assert.equal(refused.status, 401);
    assert.equal(refused.headers.get('content-type'), 'application/problem+json');
    assert.ok(refused.headers.get('www-authenticate') && !(await refused.text()).includes('ihf_requests'));
  }
  assert.equal((await ask(undefined, server.metricsUrl)).status, 401);
  const allowed = await ask(`Bearer ${TOKEN}`);
  assert.match(allowed.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  assert.match(await allowed.text(), /^# HELP ihf_requests_total /m);
});

test('the separate port without a token is served on loopback only, whatever HOST is', async () => {
  const open = await startServer(
    { ...CONFIG, host: '0.0.0.0', observability: { ...CONFIG.observability, metricsPort: 0 } },
    database.url,
  );
  assert.match(open.metricsUrl ?? '', /^http:\/\/127\.0\.0\.1:/);
  assert.equal((await fetch(open.metricsUrl as string)).status, 200);
  await open.close();
  assert.equal(readConfig({ IHF_METRICS_HOST: '10.0.0.1' }).observability.metricsHost, '10.0.0.1');
});

test('without configuration there are no metrics', async () => {
  const plain = await start({});
  assert.equal(plain.metricsUrl, undefined);
  assert.equal((await fetch(`${plain.url}/metrics`)).status, 404);
  await plain.close();
});

test('an invalid setting is reported with its valid values', () => {
  const cases = [
    [{ IHF_METRICS_PORT: 'http' }, /^Error: IHF_METRICS_PORT must be a whole number from 0 to 65535 \(got 'http'\)\.$/],
    [{ IHF_MAX_IN_FLIGHT: '0' }, /IHF_MAX_IN_FLIGHT must be .* \(got '0'\)/],
    [{ IHF_LOG_RETENTION_DAYS: '1.5' }, /IHF_LOG_RETENTION_DAYS must be .* \(got '1\.5'\)/],
  ] as const;
  for (const [environment, message] of cases) assert.throws(() => readConfig(environment), message);
});
