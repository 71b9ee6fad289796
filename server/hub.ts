import type { LiveContract } from './contract/live-contract.ts';
import type { Database } from './store/database.ts';
import { EventWriter } from './store/event-writer.ts';
import { IdentityReader } from './store/identity-reader.ts';
import { KeyUsage } from './store/key-usage.ts';

/** The parts that a running hub is made of. */
export interface Hub {
  database: Database;
  contract: LiveContract;
  events: EventWriter;
  identities: IdentityReader;
  keyUsage: KeyUsage;
}

export function createHub(database: Database, contract: LiveContract): Hub {
  return {
    database,
    contract,
    events: new EventWriter(database),
    identities: new IdentityReader(database),
    keyUsage: new KeyUsage(database),
  };
}
