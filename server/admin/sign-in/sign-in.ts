import { startSession } from '../../access/operator-tokens.ts';
import { hashCredential } from '../../credentials.ts';
import { recordAudit } from '../../store/operators/audit-log.ts';
import { findInvited, type Operator, setPasswordByLink } from '../../store/operators/operators.ts';
import { endSession } from '../../store/operators/sessions.ts';
import { actorOf } from '../core/operator.ts';
import type { AdminContext, OperatorPage, Page, PageResponse, PublicPage } from '../core/page.ts';
import { type FieldError, formPage } from '../forms/form-page.ts';
import { attemptPassword, TOO_MANY_ATTEMPTS } from './password-attempt.ts';
import { MIN_PASSWORD_LENGTH, passwordError } from './password-rules.ts';
import { withHasher } from './passwords.ts';

const HOME = '/admin';

export const signInPage: PublicPage = async ({ query }) => signInForm('', returnPath(query));

export const signIn: PublicPage = async ({ form, ip }, context) => {
  const [name, password] = [form.get('name')?.trim() ?? '', form.get('password') ?? ''];
  const next = returnPath(form);
  const operator = await attemptPassword(context.database, name, password, ip);
  if (operator === 'too_many_attempts') return signInForm(name, next, { detail: TOO_MANY_ATTEMPTS, status: 429 });
  if (operator === 'incorrect') {
    return signInForm(name, next, { detail: 'Incorrect name or password.', status: 401 });
  }
  return signedIn(context, operator, next);
};

export const signOut: OperatorPage = async (request, context) => {
  await endSession(context.database, hashCredential(request.cookie));
  const subject = { subject_type: 'operators', subject: request.operator.operator_id };
  await recordAudit(context.database, { actor: actorOf(request), action: 'signed_out', ...subject });
  return { redirect: '/admin/sign-in', cookie: '' };
};

export const joinPage: PublicPage = async ({ query }, context) => {
  const link = query.get('link') ?? '';
  return joinForm(link, await findInvited(context.database, hashCredential(link)));
};

export const join: PublicPage = async ({ form, ip }, context) => {
  const [link, password] = [form.get('link') ?? '', form.get('password') ?? ''];
  // Checking and hashing a password cost too much to do it for an invalid link.
  const invited = await findInvited(context.database, hashCredential(link));
  if (!invited) return joinForm(link, undefined);
  const error = await passwordError(invited.name, password, form.get('confirmation') ?? '');
  if (error) return joinForm(link, invited, error);
  const passwordHash = await withHasher(ip, ({ hash }) => hash(password));
  const operator = await setPasswordByLink(context.database, hashCredential(link), passwordHash);
  return operator ? signedIn(context, operator, HOME) : joinForm(link, undefined);
};

/** Every sign-in sets a new token, so that a token planted in the browser before it is useless (session fixation). */
async function signedIn(context: AdminContext, operator: Operator, next: string): Promise<PageResponse> {
  const cookie = await startSession(context.database, operator.id);
  const subject = { subject_type: 'operators', subject: operator.id };
  await recordAudit(context.database, { actor: `operator:${operator.name}`, action: 'signed_in', ...subject });
  return { redirect: next, cookie };
}

function signInForm(name: string, next: string, error?: { detail: string; status: number }): Page {
  const page = { page: 'sign-in/sign-in', title: 'Sign in', view: { name, next } };
  return formPage(page, error ? [error] : [], error?.status);
}

/** @param invited the operator of the link; undefined if it has expired. */
function joinForm(link: string, invited: Operator | undefined, error?: FieldError): Page {
  if (!invited) return { page: 'sign-in/link-expired', title: 'This link has expired', view: {}, status: 410 };
  const isNew = invited.password_set_at === null;
  const view = { link, name: invited.name, isNew, minLength: MIN_PASSWORD_LENGTH };
  return formPage(
    { page: 'sign-in/join', title: isNew ? 'Set your password' : 'Set a new password', view },
    error ? [error] : [],
  );
}

/** The page to return to after sign-in. Only pages of the dashboard are accepted, to prevent open redirects. */
function returnPath(values: URLSearchParams): string {
  const next = values.get('next') ?? '';
  return /^\/admin(?:[/?][\w\-./?=&%+:]*)?$/.test(next) && !next.includes('//') ? next : HOME;
}
