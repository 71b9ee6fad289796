import { SLUG, SLUG_RULE } from '../../patterns.ts';
import { insertHub } from '../../store/interactions/hubs.ts';
import { moment } from '../core/format.ts';
import { asOperator } from '../core/operator.ts';
import type { AdminContext, OperatorPage, Page } from '../core/page.ts';
import { invalidField, requiredField, textField, typedFields } from '../forms/fields.ts';
import { type FieldError, fieldErrors, formPage } from '../forms/form-page.ts';
import { allHubs } from './all-hubs.ts';

export const hubsPage: OperatorPage = async (_, context) => hubsWith(context, new URLSearchParams(), []);

export const createHub: OperatorPage = async (request, context) => {
  const { form } = request;
  try {
    const name = requiredField(form, 'name', 'Name');
    const slug = requiredField(form, 'slug', 'Slug');
    if (!SLUG.test(slug)) throw invalidField(`Slug '${slug}' is invalid. ${SLUG_RULE}`, 'slug');
    const description = textField(form, 'description');
    await asOperator(request, context, (db) => insertHub(db, { slug, name, ...(description && { description }) }));
    return { redirect: '/admin/hubs?done=hub-created' };
  } catch (error) {
    return hubsWith(context, form, fieldErrors(error));
  }
};

async function hubsWith({ database }: AdminContext, form: URLSearchParams, errors: FieldError[]): Promise<Page> {
  const hubs = await allHubs(database);
  const lines = hubs.map(({ slug, name, description, id, created_at }) => {
    return { slug, name, description, id, created: moment(created_at) };
  });
  const typed = typedFields(form, 'slug', 'name', 'description');
  return formPage({ page: 'hubs/hubs', title: 'Hubs', view: { lines, typed } }, errors);
}
