// The hub with identification off: every request is the demonstration consumer's, and nobody looks who sent it.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from '../server/app.ts';
import { LiveContract } from '../server/contract/live-contract.ts';
import { createHub } from '../server/hub.ts';
import { validate } from '../server/pipeline/validate.ts';
import { readContract, readTemplates } from '../server/sources.ts';
import type { AdmissionGate } from '../server/store/admission-gate.ts';
import { openDatabase } from '../server/store/database.ts';
import type { Identity } from '../server/store/identities.ts';
import { warmUp } from '../server/warm-up.ts';
import { openWebhooks } from '../server/webhooks/webhooks.ts';

const url = process.env.DATABASE_URL as string;
const database = openDatabase(url);
const [authored, templates] = await Promise.all([readContract(), readTemplates()]);
const contract = await LiveContract.open({ url, db: database, authored, templates });
const [row] = await database.query<Identity>(
  `select api_consumers.id as consumer_id, hub_id, api_keys.id as credential_id, 'key' as credential, key_prefix,
     null as refused, manifest_id, 'active' as manifest_status, array(select name from api_scopes) as granted,
     array(select name from api_scopes) as declared
   from api_consumers join api_keys on consumer_id = api_consumers.id limit 1`,
);
const gate = { enter: async () => ({ identity: row, admitted: true }) } as unknown as AdmissionGate;
const webhooks = await openWebhooks({
  ...{ db: database, databaseUrl: url, secretKey: randomBytes(32), report: console.error },
  settings: { allow: [], retries: [], worker: false },
  revisionChanges: async () => [],
});
const validator = validate(contract, { responses: false });
await warmUp(validator);
const hub = { ...createHub({ database, counters: database, contract, webhooks }), gate };
const server = createServer(createApp(hub, { validator, publicUrl: () => '', report: console.error }));
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
process.on('SIGTERM', () => process.exit(0));
