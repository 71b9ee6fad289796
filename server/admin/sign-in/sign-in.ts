import { startSession } from '../../access/operator-tokens.ts';
import { hashCredential } from '../../credentials.ts';
import { recordAudit } from '../../store/operators/audit-log.ts';
import { findInvited, findPassword, type Operator, setPasswordByLink } from '../../store/operators/operators.ts';
import { beginAttempt, endSession, forgetAttempt } from '../../store/operators/sessions.ts';
import { actorOf } from '../core/operator.ts';
import type { AdminContext, OperatorPage, Page, PageResponse, PublicPage } from '../core/page.ts';
import { type FieldError, formPage } from '../forms/form-page.ts';
import { checkPassword, hashPassword, MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from './passwords.ts';

/**
 * Failed sign-ins per minute after which an IP address is rejected: with one name, and in total. Other IP addresses are
 * not: otherwise a stranger could lock an operator out.
 */
const ATTEMPT_LIMITS = { perName: 10, total: 30 };

const HOME = '/admin';

export const signInPage: PublicPage = async ({ query }) => signInForm('', returnPath(query));

export const signIn: PublicPage = async ({ form, ip }, context) => {
  const [name, password] = [form.get('name')?.trim() ?? '', form.get('password') ?? ''];
  const next = returnPath(form);
  // Counted before it is checked, so that concurrent attempts count too.
  const attempt = await beginAttempt(context.database, name, ip, ATTEMPT_LIMITS);
  if (attempt === undefined) {
    return signInForm(name, next, { detail: 'Too many attempts. Try again in one minute.', status: 429 });
  }
  const operator = await findPassword(context.database, name);
  const isCorrect = await checkPassword(operator?.password_hash, password, ip).catch(async (error) => {
    await forgetAttempt(context.database, attempt);
    throw error;
  });
  if (!isCorrect || !operator) {
    return signInForm(name, next, { detail: 'Incorrect name or password.', status: 401 });
  }
  await forgetAttempt(context.database, attempt);
  return signedIn(context, operator, next);
};

export const signOut: OperatorPage = async (request, context) => {
  await endSession(context.database, hashCredential(request.cookie));
  const subject = { subject_type: 'operators', subject: request.operator.operator_id };
  await recordAudit(context.database, { actor: actorOf(request), action: 'signed_out', ...subject });
  return { redirect: '/admin/sign-in', cookie: '' };
};

export const joinPage: PublicPage = async ({ query }, context) => joinForm(context, query.get('link') ?? '', []);

export const join: PublicPage = async ({ form, ip }, context) => {
  const [link, password] = [form.get('link') ?? '', form.get('password') ?? ''];
  const error = passwordError(password, form.get('confirmation') ?? '');
  if (error) return joinForm(context, link, [error]);
  // A hash costs too much to compute it for an invalid link.
  if (!(await findInvited(context.database, hashCredential(link)))) return joinForm(context, link, []);
  const passwordHash = await hashPassword(password, ip);
  const operator = await setPasswordByLink(context.database, hashCredential(link), passwordHash);
  return operator ? signedIn(context, operator, HOME) : joinForm(context, link, []);
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

async function joinForm(context: AdminContext, link: string, errors: FieldError[]): Promise<Page> {
  const invited = await findInvited(context.database, hashCredential(link));
  if (!invited) return { page: 'sign-in/link-expired', title: 'This link has expired', view: {}, status: 410 };
  const isNew = invited.password_set_at === null;
  const view = { link, name: invited.name, isNew, minLength: MIN_PASSWORD_LENGTH };
  return formPage({ page: 'sign-in/join', title: isNew ? 'Set your password' : 'Set a new password', view }, errors);
}

function passwordError(password: string, confirmation: string): FieldError | undefined {
  const field = 'password';
  if (password.length < MIN_PASSWORD_LENGTH) {
    return { field, detail: `Password must be at least ${MIN_PASSWORD_LENGTH} characters long.` };
  }
  if (password.length > MAX_PASSWORD_LENGTH) {
    return { field, detail: `Password must be at most ${MAX_PASSWORD_LENGTH} characters long.` };
  }
  return password === confirmation ? undefined : { field: 'confirmation', detail: 'The passwords do not match.' };
}

/** The page to return to after sign-in. Only pages of the dashboard are accepted, to prevent open redirects. */
function returnPath(values: URLSearchParams): string {
  const next = values.get('next') ?? '';
  return /^\/admin(?:[/?][\w\-./?=&%+:]*)?$/.test(next) && !next.includes('//') ? next : HOME;
}
