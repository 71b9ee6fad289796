import { inviteOperator } from './access/operator-tokens.ts';
import type { Db } from './store/database/database.ts';
import { listOperators } from './store/operators/operators.ts';

/** Creates a one-time link with which an operator sets a password. Earlier links of the operator become invalid. */
export async function invitation(db: Db, url: string, name: string, actor: string): Promise<string> {
  return `${url}/admin/join?link=${await inviteOperator(db, name, actor)}`;
}

/** Creates a link for the first operator, unless an operator has set a password already. */
export async function firstInvitation(db: Db, url: string): Promise<string | undefined> {
  const operators = await listOperators(db);
  if (operators.some(({ password_set_at }) => password_set_at !== null)) return undefined;
  return invitation(db, url, operators[0]?.name ?? 'admin', 'server');
}
