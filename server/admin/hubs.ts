import { SLUG } from '../patterns.ts';
import { insertHub, listHubs } from '../store/interactions/hubs.ts';
import { refused, requiredOf, textOf } from './fields.ts';
import { moment } from './format.ts';
import {
  type AdminContext,
  asOperator,
  type FieldError,
  fieldErrors,
  type OperatorPage,
  type PageResponse,
} from './page.ts';

/** More hubs than any installation has. */
export const ALL = { limit: 10_000 };

export const hubsPage: OperatorPage = async (_, desk) => hubsWith(desk, new URLSearchParams(), []);

export const createHub: OperatorPage = async (visit, desk) => {
  const { form } = visit;
  try {
    const name = requiredOf(form, 'name', 'The name');
    const slug = requiredOf(form, 'slug', 'The slug');
    if (!SLUG.test(slug)) {
      throw refused(
        'A slug has lower-case letters, digits and -, 63 at the most, and - neither first nor last.',
        'slug',
      );
    }
    const description = textOf(form, 'description');
    await asOperator(visit, desk, (db) => insertHub(db, { slug, name, ...(description && { description }) }));
    return { redirect: '/admin/hubs?done=hub-created' };
  } catch (error) {
    return { ...(await hubsWith(desk, form, fieldErrors(error))), status: 422 };
  }
};

async function hubsWith(
  { database }: AdminContext,
  form: URLSearchParams,
  errors: FieldError[],
): Promise<PageResponse & { page: string }> {
  const { data } = await listHubs(database, ALL);
  const lines = data.map(({ slug, name, description, id, created_at }) => {
    return { slug, name, description, id, created: moment(created_at) };
  });
  const typed = Object.fromEntries(['slug', 'name', 'description'].map((field) => [field, textOf(form, field)]));
  return { page: 'hubs', title: 'Hubs', view: { lines, typed, errors } };
}
