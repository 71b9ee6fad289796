import type { LiveContract } from './contract/live-contract.ts';
import { AdmissionGate } from './store/admission-gate.ts';
import type { Database } from './store/database.ts';
import { EventWriter } from './store/event-writer.ts';
import { KeyUsage } from './store/key-usage.ts';

/** The parts that a running hub is made of. */
export interface Hub {
  database: Database;
  contract: LiveContract;
  events: EventWriter;
  gate: AdmissionGate;
  keyUsage: KeyUsage;
}

/** @param counters the database on connections whose commits do not wait for the disk: counts alone go there. */
export function createHub(database: Database, counters: Database, contract: LiveContract): Hub {
  return {
    database,
    contract,
    events: new EventWriter(database),
    gate: new AdmissionGate(counters),
    keyUsage: new KeyUsage(database),
  };
}
