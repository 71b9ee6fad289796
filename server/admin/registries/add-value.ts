import { insertValue } from '../../store/registries/registry-values.ts';
import { actorOf } from '../core/operator.ts';
import type { OperatorPage, Page } from '../core/page.ts';
import { typedFields } from '../forms/fields.ts';
import { type FieldError, fieldErrors, formPage } from '../forms/form-page.ts';
import { registryParam } from './registries.ts';
import { type RegistryTexts, registryView } from './registry-view.ts';
import { readNewValue } from './value-fields.ts';
import { valuePreview } from './value-preview.ts';

/** The form of a new value; once it is submitted, the preview. */
export const addPage: OperatorPage = async (request, context) => {
  const registry = await registryParam(request, context);
  if (!request.query.has('name')) return addForm(registry, request.query, []);
  try {
    const value = readNewValue(request.query);
    return await valuePreview(context, {
      registry,
      before: null,
      after: { ...value, status: 'active', replaced_by: null, sunset_at: null },
      title: `Add '${value.name}'`,
      fields: value,
      action: `/admin/registries/${registry.name}/add`,
      back: '/admin/registries',
    });
  } catch (error) {
    return addForm(registry, request.query, fieldErrors(error));
  }
};

export const addValue: OperatorPage = async (request, context) => {
  const registry = await registryParam(request, context);
  try {
    const { name } = await insertValue(context.database, registry.name, readNewValue(request.form), actorOf(request));
    await context.contract.catchUp();
    return { redirect: `/admin/registries/${registry.name}/values/${name}?done=value-added` };
  } catch (error) {
    return addForm(registry, request.form, fieldErrors(error));
  }
};

function addForm(registry: RegistryTexts, values: URLSearchParams, errors: FieldError[]): Page {
  const typed = typedFields(values, 'name', 'label', 'description');
  const view = { registry: registryView(registry), typed };
  return formPage({ page: 'registries/new', title: `New ${registryView(registry).one}`, view }, errors);
}
