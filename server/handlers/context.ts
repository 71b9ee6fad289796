import type { LiveContract } from '../contract/live-contract.ts';
import { IhfError } from '../errors.ts';
import type { Admission } from '../store/access/admissions.ts';
import type { Db } from '../store/database/database.ts';
import type { InteractionEvent, NewInteractionEvent } from '../store/interactions/interaction-events.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';

/** What a handler receives besides its input. */
export interface Context {
  /** The transaction of a request with an Idempotency-Key, otherwise the pool. */
  db: Db;
  contract: LiveContract;
  /** Stores one event: in a batch with those of other requests, or in the transaction of the request. */
  record(event: NewInteractionEvent): Promise<InteractionEvent>;
  /** The validation issues of single items of the body, by index. */
  itemErrors: ReadonlyMap<number, IhfError>;
  /** Undefined for a public operation. */
  caller: Admission | undefined;
  webhooks: Pick<Webhooks, 'box' | 'guard'>;
  /** The URL under which the client sees the server. */
  calledUrl: string;
  /** Whether this node is about to stop. */
  isStopping(): boolean;
  /** The author of changes, for contract revisions and the audit log. */
  actor: string;
}

/** The hub of the caller. A caller reads and changes only data of its own hub. */
export function callerHub({ caller }: Context): string {
  if (!caller) throw new Error('A public operation has no caller');
  return caller.identity.hub_id;
}

/**
 * Returns a value that must exist.
 * @throws IhfError not_found with the name of what is missing.
 */
export function orNotFound<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new IhfError('not_found', `There is no ${what}.`);
  return value;
}

/** The response to a creation. */
export function created<T>(body: T, location: string): { status: 201; headers: Record<string, string>; body: T } {
  return { status: 201, headers: { Location: location }, body };
}

/** The validator sets the default of `limit`; the type of the query does not know that. */
export function pageOf<Q extends { limit?: number }>(query: Q): Q & { limit: number } {
  return { ...query, limit: query.limit ?? 50 };
}
