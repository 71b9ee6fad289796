import type { Db } from '../../store/database/database.ts';
import { findPassword, type OperatorWithPassword } from '../../store/operators/operators.ts';
import { beginAttempt, forgetAttempt } from '../../store/operators/sessions.ts';
import { withHasher } from './passwords.ts';

/**
 * Wrong passwords per minute after which an IP address is rejected: with one name, and in total. Other IP addresses are
 * not: otherwise a stranger could lock an operator out.
 */
const ATTEMPT_LIMITS = { perName: 10, total: 30 };

export const TOO_MANY_ATTEMPTS = 'Too many attempts. Try again in one minute.';

/**
 * The operator with this name and password.
 * @param client the network of the client.
 * @throws IhfError too_many_requests if too many hashes wait already.
 */
export async function attemptPassword(
  database: Db,
  name: string,
  password: string,
  client: string,
): Promise<OperatorWithPassword | 'incorrect' | 'too_many_attempts'> {
  return withHasher(client, async ({ matches }) => {
    // Counted before it is checked, so that concurrent attempts on other nodes count too.
    const attempt = await beginAttempt(database, name, client, ATTEMPT_LIMITS);
    if (attempt === undefined) return 'too_many_attempts';
    const operator = await findPassword(database, name);
    const isCorrect = await matches(password, operator?.password_hash);
    if (!isCorrect || !operator) return 'incorrect';
    await forgetAttempt(database, attempt);
    return operator;
  });
}
