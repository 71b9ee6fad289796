import { registryValueChange } from '../../codegen/diff.ts';
import { REGISTRY_VALUE_NAME } from '../patterns.ts';
import { findRegistryValueUsage } from '../store/registries/registry-value-usage.ts';
import {
  insertValue,
  type NewValue,
  type RegistryName,
  type RegistryValue,
  updateValue,
  type ValueChange,
} from '../store/registries/registry-values.ts';
import { changesView } from './changes-view.ts';
import { choiceOf, dayOf, refused, requiredOf, textOf } from './fields.ts';
import {
  type AdminContext,
  actorOf,
  type FieldError,
  fieldErrors,
  found,
  type OperatorPage,
  type PageResponse,
} from './page.ts';
import { registryOf, registryView, usageView, valueAt, valueView } from './registries.ts';

/** What a form sends along so that it can be sent again when it was looked at. */
type Fields = Record<string, string>;

interface Draft {
  registry: RegistryName;
  before: RegistryValue | null;
  after: Pick<RegistryValue, 'name' | 'label' | 'description' | 'status' | 'replaced_by' | 'sunset_at'>;
  title: string;
  fields: Fields;
  /** Where the form is sent to, and where one goes who leaves it. */
  action: string;
  back: string;
}

/** The form of a new value; once it was filled in, what the contract would gain. */
export const addPage: OperatorPage = async (visit, desk) => {
  const registry = registryOf(visit);
  if (!visit.query.has('name')) return addForm(registry, visit.query, []);
  try {
    const value = newValueOf(visit.query);
    const after = { ...value, status: 'active' as const, replaced_by: null, sunset_at: null };
    const action = `/admin/registries/${registry}/add`;
    const title = `Add '${value.name}'`;
    return preview(desk, { registry, before: null, after, title, fields: value, action, back: '/admin/registries' });
  } catch (error) {
    return addForm(registry, visit.query, fieldErrors(error));
  }
};

export const addValue: OperatorPage = async (visit, desk) => {
  const registry = registryOf(visit);
  try {
    const { name } = await insertValue(desk.database, registry, newValueOf(visit.form), actorOf(visit));
    await desk.contract.catchUp();
    return { redirect: `/admin/registries/${registry}/values/${name}?done=value-added` };
  } catch (error) {
    return addForm(registry, visit.form, fieldErrors(error));
  }
};

function newValueOf(values: URLSearchParams): Required<NewValue> & { description: string } {
  const name = requiredOf(values, 'name', 'The name', 63);
  if (!REGISTRY_VALUE_NAME.test(name))
    throw refused('A name has lower-case letters, digits and _, and begins with a letter.', 'name');
  const label = requiredOf(values, 'label', 'The label', 100);
  return { name, label, description: textOf(values, 'description').slice(0, 2000) };
}

function addForm(registry: RegistryName, values: URLSearchParams, errors: FieldError[]): PageResponse {
  const typed = Object.fromEntries(['name', 'label', 'description'].map((field) => [field, textOf(values, field)]));
  const view = { registry: registryView(registry), typed, errors };
  const title = `New ${registryView(registry).one}`;
  return { page: 'value-new', title, view, ...(errors.length > 0 && { status: 422 }) };
}

/** What a change of a value would do to the contract, and who uses the value. */
export const changePage: OperatorPage = async (visit, desk) => {
  const { registry, value } = await valueAt(visit, desk);
  const { change, title, fields } = changeOf(visit.query, value);
  return preview(desk, draftOf(registry, value, change, title, fields));
};

export const changeValue: OperatorPage = async (visit, desk) => {
  const { registry, value } = await valueAt(visit, desk);
  const { change, title, fields } = changeOf(visit.form, value);
  try {
    found(await updateValue(desk.database, registry, value.name, change, actorOf(visit)), 'value');
    await desk.contract.catchUp();
  } catch (error) {
    return {
      ...(await preview(desk, draftOf(registry, value, change, title, fields), fieldErrors(error))),
      status: 409,
    };
  }
  return { redirect: `/admin/registries/${registry}/values/${value.name}?done=value-changed` };
};

function changeOf(
  values: URLSearchParams,
  value: RegistryValue,
): { change: ValueChange; title: string; fields: Fields } {
  const to = choiceOf(values, 'to', ['described', 'deprecated', 'retired']);
  if (to === 'described') {
    const label = requiredOf(values, 'label', 'The label', 100);
    const description = textOf(values, 'description').slice(0, 2000);
    return {
      change: { label, description },
      title: `Describe '${value.name}' anew`,
      fields: { to, label, description },
    };
  }
  const [replacement, sunset] = [textOf(values, 'replaced_by'), textOf(values, 'sunset')];
  const change = {
    status: to,
    replaced_by: replacement || null,
    ...(to === 'deprecated' && { sunset_at: dayOf(values, 'sunset', 'The date') }),
  } satisfies ValueChange;
  const title = `${to === 'deprecated' ? 'Deprecate' : 'Retire'} '${value.name}'`;
  return { change, title, fields: { to, replaced_by: replacement, sunset } };
}

function draftOf(
  registry: RegistryName,
  before: RegistryValue,
  change: ValueChange,
  title: string,
  fields: Fields,
): Draft {
  const back = `/admin/registries/${registry}/values/${before.name}`;
  return { registry, before, after: { ...before, ...change }, title, fields, action: `${back}/change`, back };
}

async function preview(
  desk: AdminContext,
  draft: Draft,
  errors: FieldError[] = [],
): Promise<PageResponse & { page: string }> {
  const { registry, before, after, title, fields, action, back } = draft;
  const usage = before && usageView(registry, await findRegistryValueUsage(desk.database, registry, before.name));
  await desk.contract.catchUp();
  const view = {
    ...{ registry: registryView(registry), value: before && valueView(before), usage, errors, action, back },
    ...changesView(registryValueChange(registry, before, after)),
    isBad: after.status === 'retired',
    next: desk.contract.current.revision + 1,
    fields: Object.entries(fields).map(([name, value]) => ({ name, value })),
  };
  return { page: 'value-preview', title, view };
}
