import type { LiveContract } from './contract/live-contract.ts';
import { AdmissionGate } from './store/admission-gate.ts';
import type { Database } from './store/database.ts';
import { EventWriter } from './store/event-writer.ts';
import { KeyUsage } from './store/key-usage.ts';
import type { Webhooks } from './webhooks/webhooks.ts';

/** The parts that a running hub is made of. */
export interface Hub {
  database: Database;
  contract: LiveContract;
  events: EventWriter;
  gate: AdmissionGate;
  keyUsage: KeyUsage;
  webhooks: Webhooks;
}

/** @param counters the database on connections whose commits do not wait for the disk: counts alone go there. */
export function createHub(parts: Pick<Hub, 'database' | 'contract' | 'webhooks'> & { counters: Database }): Hub {
  const { database, contract, webhooks, counters } = parts;
  return {
    database,
    contract,
    webhooks,
    events: new EventWriter(database),
    gate: new AdmissionGate(counters),
    keyUsage: new KeyUsage(database),
  };
}
