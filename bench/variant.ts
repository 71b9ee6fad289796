// The hub as it is, but for the gate that it is given, and with nothing recorded: what a benchmark compares with.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from '../server/app.ts';
import { LiveContract } from '../server/contract/live-contract.ts';
import { createHub } from '../server/hub.ts';
import { validate } from '../server/pipeline/validate.ts';
import { readContract, readTemplates } from '../server/sources.ts';
import type { AdmissionGate } from '../server/store/admission-gate.ts';
import { type Db, openDatabase } from '../server/store/database.ts';
import { warmUp } from '../server/warm-up.ts';
import { openWebhooks } from '../server/webhooks/webhooks.ts';

/** Serves the database of DATABASE_URL, which has its tables already. */
export async function serveWith(gateOn: (db: Db) => Promise<Pick<AdmissionGate, 'enter'>>): Promise<void> {
  const url = process.env.DATABASE_URL as string;
  const database = openDatabase(url);
  const counters = openDatabase(url, { connections: 3, durable: false, plansOnce: true });
  const [authored, templates] = await Promise.all([readContract(), readTemplates()]);
  const contract = await LiveContract.open({ url, db: database, authored, templates });
  const webhooks = await openWebhooks({
    ...{ db: database, databaseUrl: url, secretKey: randomBytes(32), report: console.error },
    settings: { allow: [], retries: [], worker: false },
    revisionChanges: async () => [],
  });
  const validator = validate(contract, { responses: false });
  await warmUp(validator);
  const gate = (await gateOn(counters)) as AdmissionGate;
  const hub = { ...createHub({ database, counters, contract, webhooks }), gate };
  const server = createServer(createApp(hub, { validator, publicUrl: () => '', report: console.error }));
  server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  process.on('SIGTERM', () => process.exit(0));
}
