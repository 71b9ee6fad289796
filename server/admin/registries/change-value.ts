import { type RegistryValue, updateValue } from '../../store/registries/registry-values.ts';
import { found } from '../core/lookups.ts';
import { actorOf } from '../core/operator.ts';
import type { OperatorPage } from '../core/page.ts';
import { fieldErrors } from '../forms/form-page.ts';
import { valueParam } from './registries.ts';
import type { RegistryTexts } from './registry-view.ts';
import { type RequestedChange, readValueChange } from './value-fields.ts';
import { type Draft, valuePreview } from './value-preview.ts';

export const changePage: OperatorPage = async (request, context) => {
  const { registry, value } = await valueParam(request, context);
  return valuePreview(context, draftOf(registry, value, readValueChange(request.query, value)));
};

export const changeValue: OperatorPage = async (request, context) => {
  const { registry, value } = await valueParam(request, context);
  const requested = readValueChange(request.form, value);
  try {
    found(await updateValue(context.database, registry.name, value.name, requested.change, actorOf(request)), 'value');
    await context.contract.catchUp();
  } catch (error) {
    return valuePreview(context, draftOf(registry, value, requested), fieldErrors(error));
  }
  return { redirect: `${valueUrl(registry, value)}?done=value-changed` };
};

function draftOf(registry: RegistryTexts, before: RegistryValue, { change, title, fields }: RequestedChange): Draft {
  const back = valueUrl(registry, before);
  return { registry, before, after: { ...before, ...change }, title, fields, action: `${back}/change`, back };
}

function valueUrl(registry: RegistryTexts, { name }: RegistryValue): string {
  return `/admin/registries/${registry.name}/values/${name}`;
}
