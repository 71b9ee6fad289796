// A server with another authenticator and without request log and metrics, for benchmarks to compare with.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Authenticator } from '../server/batching/authenticator.ts';
import { LiveContract } from '../server/contract/live-contract.ts';
import { AnonymousTurns } from '../server/http/anonymous-turns.ts';
import { createApp } from '../server/http/app.ts';
import { BytesInFlight } from '../server/http/bytes-in-flight.ts';
import { ConcurrencyLimit, DEFAULT_MAX_IN_FLIGHT } from '../server/http/concurrency-limit.ts';
import { receive } from '../server/http/receive.ts';
import { TRUST_NO_PROXY } from '../server/http/trust-proxy.ts';
import { RequestChecks } from '../server/http/validate/request-checks.ts';
import { validate } from '../server/http/validate.ts';
import { warmUp } from '../server/http/warm-up.ts';
import { ingest } from '../server/ingest/ingest.ts';
import { readContract, readTemplates } from '../server/project-files.ts';
import { createServices } from '../server/services.ts';
import { type Db, openDatabase } from '../server/store/database/database.ts';
import { Listener } from '../server/store/database/listener.ts';
import { openWebhooks } from '../server/webhooks/webhooks.ts';

/** Serves the migrated database of DATABASE_URL. */
export async function serveWithAuthenticator(
  createAuthenticator: (db: Db) => Promise<Pick<Authenticator, 'admit'>>,
): Promise<void> {
  const url = process.env.DATABASE_URL as string;
  const database = openDatabase(url);
  const counters = openDatabase(url, { connections: 3, synchronousCommit: false, genericPlans: true });
  const [authored, templates] = await Promise.all([readContract(), readTemplates()]);
  const listener = new Listener(url);
  await listener.start();
  const contract = await LiveContract.open({ db: database, listener, authored, templates });
  const webhooks = await openWebhooks({
    ...{ db: database, listener, secretKey: Buffer.alloc(32), report: console.error },
    settings: { allow: [], retries: [], worker: false },
    revisionChanges: async () => [],
  });
  const checks = new RequestChecks(contract);
  const validator = validate(contract, { checks, responses: false });
  await warmUp(validator);
  const authenticator = (await createAuthenticator(counters)) as Authenticator;
  const services = {
    ...createServices({ database, counters, contract, webhooks, isStopping: () => false }),
    authenticator,
  };
  const shared = {
    ...{ limit: new ConcurrencyLimit(DEFAULT_MAX_IN_FLIGHT), bytesInFlight: new BytesInFlight() },
    ...{ turns: new AnonymousTurns(), report: console.error },
  };
  const server = createServer(
    receive(
      {
        ...{ trustProxy: TRUST_NO_PROXY, publicUrl: undefined, listeningUrl: () => '' },
        revision: () => contract.current.revision,
      },
      ingest(services, { ...shared, checks, validateResponses: false }, createApp(services, { ...shared, validator })),
    ),
  );
  server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  process.on('SIGTERM', () => process.exit(0));
}
