import { Authenticator } from './batching/authenticator.ts';
import { EventWriter } from './batching/event-writer.ts';
import { KeyUsageBuffer } from './batching/key-usage-buffer.ts';
import type { LiveContract } from './contract/live-contract.ts';
import { admit, admitItems } from './store/access/admissions.ts';
import type { Database } from './store/database/database.ts';
import type { Webhooks } from './webhooks/webhooks.ts';

/** The long-lived objects that the steps of a request and the handlers share. */
export interface Services {
  database: Database;
  contract: LiveContract;
  events: EventWriter;
  authenticator: Authenticator;
  keyUsage: KeyUsageBuffer;
  webhooks: Webhooks;
  /** Whether this node is about to stop. */
  isStopping(): boolean;
}

/** @param counters the database on connections with asynchronous commit, for counts only. */
export function createServices(
  parts: Pick<Services, 'database' | 'contract' | 'webhooks' | 'isStopping'> & { counters: Database },
): Services {
  const { database, contract, webhooks, counters, isStopping } = parts;
  return {
    database,
    contract,
    webhooks,
    isStopping,
    events: new EventWriter(database, webhooks.handover),
    authenticator: new Authenticator({
      admit: (presented) => admit(counters, presented),
      admitItems: (...request) => admitItems(counters, ...request),
    }),
    keyUsage: new KeyUsageBuffer(database),
  };
}
