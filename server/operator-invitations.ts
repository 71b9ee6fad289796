import type { Db } from './store/database/database.ts';
import { inviteOperator, listOperators } from './store/operators/operators.ts';

/** A one-time link by which the operator with this name chooses a password. */
export async function invitation(db: Db, url: string, name: string, actor: string): Promise<string> {
  return `${url}/admin/join?link=${await inviteOperator(db, name, actor)}`;
}

/** A link for the first operator, as long as nobody has ever chosen a password. */
export async function firstInvitation(db: Db, url: string): Promise<string | undefined> {
  const operators = await listOperators(db);
  if (operators.some(({ password_set_at }) => password_set_at !== null)) return undefined;
  return invitation(db, url, operators[0]?.name ?? 'admin', 'hub');
}
