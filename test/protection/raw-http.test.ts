import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import pg from 'pg';
import { createLogger } from '../../server/observability/logger.ts';
import { type RunningServer, startServer } from '../../server/server.ts';
import { newCaller } from '../support/access.ts';
import { testDatabase } from '../support/database.ts';
import { seededRandom } from '../support/random.ts';
import { CONFIG } from '../support/server.ts';
import { type RawRequest, rawRequest } from './raw-requests.ts';

const CASES = 20_000;
const SEED = 20_261_125;
const CONNECTIONS = 32;
/** A request that the server still waits for is cut off by the client after this. */
const PATIENCE_MS = 300;

let database: Awaited<ReturnType<typeof testDatabase>>;
let server: RunningServer;
let key: string;
const logged: string[] = [];

before(async () => {
  database = await testDatabase();
  server = await startServer(
    CONFIG,
    database.url,
    createLogger((line) => logged.push(line)),
  );
  const caller = await newCaller(server.database);
  key = caller.key;
  const owner = new pg.Client(database.url);
  await owner.connect();
  await owner.query('update api_consumers set rate_per_minute = 2000000000, daily_quota = 2000000000');
  await owner.end();
});
after(async () => {
  await server.close();
  await database.drop();
});

/** Sends a request and resolves with all that the server sends back until either side ends the connection. */
function send({ bytes, truncated }: RawRequest): Promise<string> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    let received = '';
    let timer = setTimeout(() => socket.destroy(), PATIENCE_MS);
    socket.setEncoding('latin1');
    socket.on('data', (part) => {
      received += part;
      clearTimeout(timer);
      timer = setTimeout(() => socket.destroy(), PATIENCE_MS);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(received);
    });
    if (truncated) socket.end(bytes);
    else socket.write(bytes);
  });
}

test(`no request on the wire, however malformed, gets a 5xx or puts an error into the log (${CASES} requests)`, async () => {
  const random = seededRandom(SEED);
  const requests = Array.from({ length: CASES }, () => rawRequest(random, key));
  const failed: string[] = [];
  const statuses = new Map<string, number>();
  let next = 0;
  const client = async () => {
    for (let index = next++; index < requests.length; index = next++) {
      const request = requests[index] as RawRequest;
      const response = await send(request);
      for (const [, status = ''] of response.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)) {
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status >= '500' && status !== '501') {
          failed.push(`${request.bytes.toString('latin1').slice(0, 400)}\n-> ${response.slice(0, 600)}`);
        }
      }
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  const errors = logged.filter((line) => !/"level":"(info|debug)"/.test(line));
  assert.deepEqual([failed.slice(0, 5), failed.length], [[], 0]);
  assert.deepEqual(errors.slice(0, 5), []);
  for (const status of ['200', '400', '401', '404', '405', '415', '422']) {
    assert.ok(statuses.has(status), `the requests reach a ${status}: ${JSON.stringify([...statuses])}`);
  }
});
