import { hashCredential, newOperatorToken } from '../credentials.ts';
import { asActor } from '../store/database/actor.ts';
import type { Db } from '../store/database/database.ts';
import { insertInvitation, insertOperator } from '../store/operators/operators.ts';
import { insertSession } from '../store/operators/sessions.ts';

/**
 * Creates a one-time link with which the operator sets a password, and the operator if there is none with this name.
 * Earlier links of the operator become invalid.
 * @returns the token of the link; only its hash is stored.
 */
export function inviteOperator(database: Db, name: string, actor: string): Promise<string> {
  const token = newOperatorToken();
  return asActor(database, actor, async (db) => {
    await insertOperator(db, name);
    await insertInvitation(db, name, hashCredential(token));
    return token;
  });
}

/** Starts a session of an operator and returns its token; only the hash is stored. */
export async function startSession(db: Db, operatorId: string): Promise<string> {
  const token = newOperatorToken();
  await insertSession(db, operatorId, hashCredential(token));
  return token;
}
