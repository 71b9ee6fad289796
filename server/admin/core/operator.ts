import { asActor } from '../../store/database/actor.ts';
import type { Db } from '../../store/database/database.ts';
import type { AdminContext, OperatorPageRequest } from './page.ts';

/** Runs `work` in one transaction; the audit log records its changes under the operator's name. */
export function asOperator<T>(
  request: OperatorPageRequest,
  { database }: AdminContext,
  work: (db: Db) => Promise<T>,
): Promise<T> {
  return asActor(database, actorOf(request), work);
}

export function actorOf({ operator }: OperatorPageRequest): string {
  return `operator:${operator.name}`;
}
