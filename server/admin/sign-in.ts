import { recordAudit } from '../store/operators/audit-log.ts';
import { findInvited, findPassword, joinByLink, type Operator } from '../store/operators/operators.ts';
import { beginSession, countAttempt, endSession, forgetAttempt } from '../store/operators/sessions.ts';
import {
  type AdminContext,
  actorOf,
  type FieldError,
  type OperatorPage,
  type PageResponse,
  type PublicPage,
} from './page.ts';
import { checkPassword, hashPassword, LONGEST, SHORTEST } from './passwords.ts';

/** Attempts in a minute, after which a name, or an address as a whole, has to wait. */
const NAME_LIMIT = 10;
const ADDRESS_LIMIT = 30;

const HOME = '/admin';

export const signInPage: PublicPage = async ({ query }) => signInForm('', nextOf(query), []);

export const signIn: PublicPage = async (visit, desk) => {
  const [name, password] = [visit.form.get('name')?.trim() ?? '', visit.form.get('password') ?? ''];
  const next = nextOf(visit.form);
  const attempt = await countAttempt(desk.database, name, visit.address);
  if (attempt.of_name > NAME_LIMIT || attempt.of_ip_address > ADDRESS_LIMIT) {
    return {
      ...signInForm(name, next, [{ detail: 'Too many attempts. Wait a minute, then try again.' }]),
      status: 429,
    };
  }
  const operator = await findPassword(desk.database, name);
  if (!(await checkPassword(operator?.password_hash, password)) || !operator) {
    return {
      ...signInForm(name, next, [{ detail: 'The name and the password do not belong together.' }]),
      status: 401,
    };
  }
  await forgetAttempt(desk.database, attempt.id);
  return welcome(desk, operator, next);
};

export const signOut: OperatorPage = async (visit, desk) => {
  await endSession(desk.database, visit.cookie);
  const subject = { subject_type: 'operators', subject: visit.operator.operator_id };
  await recordAudit(desk.database, { actor: actorOf(visit), action: 'signed_out', ...subject });
  return { redirect: '/admin/sign-in', cookie: '' };
};

export const joinPage: PublicPage = async ({ query }, desk) => joinForm(desk, query.get('link') ?? '', []);

export const join: PublicPage = async ({ form }, desk) => {
  const [link, password] = [form.get('link') ?? '', form.get('password') ?? ''];
  const mistake = mistakeIn(password, form.get('again') ?? '');
  if (mistake) return joinForm(desk, link, [mistake]);
  const operator = await joinByLink(desk.database, link, await hashPassword(password));
  return operator ? welcome(desk, operator, HOME) : joinForm(desk, link, []);
};

/** A new token at every sign-in: one that somebody planted before is worth nothing. */
async function welcome(desk: AdminContext, operator: Operator, next: string): Promise<PageResponse> {
  const cookie = await beginSession(desk.database, operator.id);
  const subject = { subject_type: 'operators', subject: operator.id };
  await recordAudit(desk.database, { actor: `operator:${operator.name}`, action: 'signed_in', ...subject });
  return { redirect: next, cookie };
}

function signInForm(name: string, next: string, errors: FieldError[]) {
  return { page: 'sign-in', title: 'Sign in', view: { name, next, errors } };
}

async function joinForm(desk: AdminContext, link: string, errors: FieldError[]): Promise<PageResponse> {
  const invited = await findInvited(desk.database, link);
  if (!invited) return { page: 'join-ended', title: 'This link has ended', view: {}, status: 410 };
  const view = { link, name: invited.name, isNew: invited.password_set_at === null, shortest: SHORTEST, errors };
  return { page: 'join', title: 'Choose a password', view, ...(errors.length > 0 && { status: 422 }) };
}

function mistakeIn(password: string, again: string): FieldError | undefined {
  const field = 'password';
  if (password.length < SHORTEST)
    return { field, detail: `A password has at least ${SHORTEST} characters. A few words are easy to keep.` };
  if (password.length > LONGEST) return { field, detail: `A password has at most ${LONGEST} characters.` };
  return password === again ? undefined : { field: 'again', detail: 'The two passwords differ.' };
}

/** Where somebody wanted to go: a page of the dashboard, and nowhere else. */
function nextOf(values: URLSearchParams): string {
  const next = values.get('next') ?? '';
  return /^\/admin(?:[/?][\w\-./?=&%+:]*)?$/.test(next) && !next.includes('//') ? next : HOME;
}
