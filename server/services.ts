import { Authenticator } from './batching/authenticator.ts';
import { EventWriter } from './batching/event-writer.ts';
import { KeyUsageBuffer } from './batching/key-usage-buffer.ts';
import type { LiveContract } from './contract/live-contract.ts';
import type { Database } from './store/database/database.ts';
import type { Webhooks } from './webhooks/webhooks.ts';

/** The parts that a running hub is made of. */
export interface Services {
  database: Database;
  contract: LiveContract;
  events: EventWriter;
  authenticator: Authenticator;
  keyUsage: KeyUsageBuffer;
  webhooks: Webhooks;
}

/** @param counters the database on connections whose commits do not wait for the disk: counts alone go there. */
export function createServices(
  parts: Pick<Services, 'database' | 'contract' | 'webhooks'> & { counters: Database },
): Services {
  const { database, contract, webhooks, counters } = parts;
  return {
    database,
    contract,
    webhooks,
    events: new EventWriter(database),
    authenticator: new Authenticator(counters),
    keyUsage: new KeyUsageBuffer(database),
  };
}
