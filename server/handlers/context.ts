import type { LiveContract } from '../contract/live-contract.ts';
import type { ValidationIssue } from '../errors.ts';
import { IhfError } from '../errors.ts';
import type { Admission } from '../store/access/admissions.ts';
import type { Db } from '../store/database/database.ts';
import type { InteractionEvent, NewInteractionEvent } from '../store/interactions/interaction-events.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';

/** What a handler works with, beside its input. */
export interface Context {
  /** The transaction of a request with an Idempotency-Key, else the pool. */
  db: Db;
  contract: LiveContract;
  /** Stores one event, in a group with others where nothing forbids it. */
  record(event: NewInteractionEvent): Promise<InteractionEvent>;
  /** The items of the body that broke the contract, by their place. */
  itemIssues: ReadonlyMap<number, ValidationIssue[]>;
  /** Who calls; undefined where the operation is public. */
  caller: Admission | undefined;
  webhooks: Pick<Webhooks, 'box' | 'guard'>;
  /** Who makes changes, as revisions and the audit log will say. */
  actor: string;
}

/** The hub of the caller, whose data alone he sees and changes. */
export function callerHub({ caller }: Context): string {
  if (!caller) throw new Error('A public operation asked for the hub of its caller');
  return caller.identity.hub_id;
}

/** The value, or a not_found error that says what is missing. */
export function orNotFound<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new IhfError('not_found', `There is no ${what}.`);
  return value;
}

/** The answer to a creation. */
export function created<T>(body: T, address: string): { status: 201; headers: Record<string, string>; body: T } {
  return { status: 201, headers: { Location: address }, body };
}

/** The limit of a page, which the validator fills in where the caller left it out. */
export function pageOf<Q extends { limit?: number }>(query: Q): Q & { limit: number } {
  return { ...query, limit: query.limit ?? 50 };
}
