import { startSession } from '../../access/operator-tokens.ts';
import { hashCredential } from '../../credentials.ts';
import { replacePassword } from '../../store/operators/operators.ts';
import { listSessions, type Session } from '../../store/operators/sessions.ts';
import { moment } from '../core/format.ts';
import { asOperator } from '../core/operator.ts';
import type { AdminContext, OperatorPage, OperatorPageRequest, Page } from '../core/page.ts';
import { type FieldError, formPage } from '../forms/form-page.ts';
import { attemptPassword, TOO_MANY_ATTEMPTS } from '../sign-in/password-attempt.ts';
import { MIN_PASSWORD_LENGTH, passwordError } from '../sign-in/password-rules.ts';
import { withHasher } from '../sign-in/passwords.ts';

export const accountPage: OperatorPage = (request, context) => accountWith(request, context, []);

/** Changes the password of the operator who is signed in. All sessions end, and this browser gets a new one. */
export const changePassword: OperatorPage = async (request, context) => {
  const { form, ip, operator } = request;
  const [current, password] = [form.get('current') ?? '', form.get('password') ?? ''];
  const error = await newPasswordError(operator.name, current, password, form.get('confirmation') ?? '');
  if (error) return accountWith(request, context, [error]);
  const checked = await attemptPassword(context.database, operator.name, current, ip);
  if (checked === 'too_many_attempts') return accountWith(request, context, [{ detail: TOO_MANY_ATTEMPTS }], 429);
  if (checked === 'incorrect') {
    const detail = 'Current password is incorrect. If you forgot it, ask an operator for a new invitation link.';
    return accountWith(request, context, [{ field: 'current', detail }]);
  }
  const passwordHash = await withHasher(ip, ({ hash }) => hash(password));
  const cookie = await asOperator(request, context, async (db) => {
    const isReplaced = await replacePassword(db, operator.operator_id, checked.password_hash, passwordHash);
    return isReplaced ? startSession(db, operator.operator_id) : undefined;
  });
  // A concurrent change of the password has ended this session.
  if (cookie === undefined) return { redirect: '/admin/sign-in', cookie: '' };
  return { redirect: '/admin/account?done=password-changed', cookie };
};

async function newPasswordError(
  name: string,
  current: string,
  password: string,
  confirmation: string,
): Promise<FieldError | undefined> {
  const isSame = password !== '' && password === current;
  if (isSame) return { field: 'password', detail: 'New password must differ from the current password.' };
  return passwordError(name, password, confirmation);
}

async function accountWith(
  { operator, cookie }: OperatorPageRequest,
  { database }: AdminContext,
  errors: FieldError[],
  status?: number,
): Promise<Page> {
  const sessions = await listSessions(database, operator.operator_id, hashCredential(cookie));
  const view = { name: operator.name, minLength: MIN_PASSWORD_LENGTH, sessions: sessions.map(sessionView) };
  return formPage({ page: 'account/account', title: 'Account', view }, errors, status);
}

function sessionView({ id, created_at, seen_at, expires_at, is_current }: Session) {
  return {
    id,
    created: moment(created_at),
    seen: moment(seen_at),
    expires: moment(expires_at),
    badge: is_current ? { text: 'this session', tone: 'good' } : undefined,
  };
}
