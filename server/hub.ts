import type { LiveContract } from './contract/live-contract.ts';
import type { Database } from './store/database.ts';
import { EventWriter } from './store/event-writer.ts';
import type { Webhooks } from './webhooks/webhooks.ts';

/** The parts that a running hub is made of. */
export interface Hub {
  database: Database;
  contract: LiveContract;
  events: EventWriter;
  webhooks: Webhooks;
}

export function createHub(database: Database, contract: LiveContract, webhooks: Webhooks): Hub {
  return { database, contract, webhooks, events: new EventWriter(database) };
}
