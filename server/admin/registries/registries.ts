import { findRegistryValueUsage } from '../../store/registries/registry-value-usage.ts';
import {
  findValue,
  listValues,
  REGISTRIES,
  type RegistryName,
  type RegistryValue,
} from '../../store/registries/registry-values.ts';
import { found, notFound } from '../core/lookups.ts';
import type { AdminContext, OperatorPage, PageRequest } from '../core/page.ts';
import { registryView, usageView, valueView } from './registry-view.ts';

/** More values than any registry has: a page shows all values of a registry. */
export const ALL_VALUES = { limit: 100_000 };

export const registriesPage: OperatorPage = async (_, { database }) => {
  const registries = await Promise.all(
    REGISTRIES.map(async (name) => {
      const { data } = await listValues(database, name, ALL_VALUES);
      return { ...registryView(name), values: data.reverse().map(valueView) };
    }),
  );
  return { page: 'registries/list', title: 'Registries', view: { registries } };
};

export const valuePage: OperatorPage = async (request, context) => {
  const { registry, value } = await valueParam(request, context);
  const { data } = await listValues(context.database, registry, ALL_VALUES);
  const view = {
    registry: registryView(registry),
    value: valueView(value),
    replacements: replacementOptions(data, value),
    usage: usageView(registry, await findRegistryValueUsage(context.database, registry, value.name)),
    canDeprecate: value.status === 'active',
    canRetire: value.status !== 'retired',
  };
  return { page: 'registries/value', title: value.name, view };
};

/** The registry in the path. */
export function registryParam({ params }: PageRequest): RegistryName {
  const registry = REGISTRIES.find((name) => name === params.registry);
  if (!registry) throw notFound('registry');
  return registry;
}

/** The registry value in the path. */
export async function valueParam(request: PageRequest, { database }: AdminContext) {
  const registry = registryParam(request);
  return { registry, value: found(await findValue(database, registry, request.params.name ?? ''), 'value') };
}

/** The values that can replace `value`: all others that are not retired. */
function replacementOptions(values: readonly RegistryValue[], { name, replaced_by }: RegistryValue) {
  return values
    .filter((value) => value.status !== 'retired' && value.name !== name)
    .map((value) => ({ name: value.name, isChosen: value.name === replaced_by }))
    .sort((a, b) => a.name.localeCompare(b.name));
}
