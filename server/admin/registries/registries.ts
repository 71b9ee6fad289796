import { findRegistry, listRegistries, REGISTRIES } from '../../store/registries/registries.ts';
import { findRegistryValueUsage } from '../../store/registries/registry-value-usage.ts';
import { findValue, listValues, type RegistryValue } from '../../store/registries/registry-values.ts';
import { found } from '../core/lookups.ts';
import type { AdminContext, OperatorPage, PageRequest } from '../core/page.ts';
import { type RegistryTexts, registryView, usageView, valueView } from './registry-view.ts';

/** More values than any registry has: a page shows all values of a registry. */
export const ALL_VALUES = { limit: 100_000 };

export const registriesPage: OperatorPage = async (_, { database }) => {
  const registries = await Promise.all(
    registriesFirst(await listRegistries(database)).map(async (registry) => {
      const { data } = await listValues(database, registry.name, ALL_VALUES);
      return { ...registryView(registry), values: data.reverse().map(valueView) };
    }),
  );
  return { page: 'registries/list', title: 'Registries', view: { registries } };
};

/** The registry of registries comes first: it is the table of contents. */
function registriesFirst<Each extends RegistryTexts>(registries: readonly Each[]): Each[] {
  return [...registries].sort((a, b) => Number(b.name === REGISTRIES) - Number(a.name === REGISTRIES));
}

export const valuePage: OperatorPage = async (request, context) => {
  const { registry, value } = await valueParam(request, context);
  const { data } = await listValues(context.database, registry.name, ALL_VALUES);
  const view = {
    registry: registryView(registry),
    value: valueView(value),
    replacements: replacementOptions(data, value),
    usage: usageView(await findRegistryValueUsage(context.database, registry.name, value.name)),
    canDeprecate: value.status === 'active' && registry.name !== REGISTRIES,
    canRetire: value.status !== 'retired' && registry.name !== REGISTRIES,
  };
  return { page: 'registries/value', title: value.name, view };
};

/** The registry in the path. */
export async function registryParam({ params }: PageRequest, { database }: AdminContext): Promise<RegistryTexts> {
  return found(await findRegistry(database, params.registry ?? ''), 'registry');
}

/** The registry value in the path. */
export async function valueParam(request: PageRequest, context: AdminContext) {
  const registry = await registryParam(request, context);
  const value = found(await findValue(context.database, registry.name, request.params.name ?? ''), 'value');
  return { registry, value };
}

/** The values that can replace `value`: all others that are not retired. */
function replacementOptions(values: readonly RegistryValue[], { name, replaced_by }: RegistryValue) {
  return values
    .filter((value) => value.status !== 'retired' && value.name !== name)
    .map((value) => ({ name: value.name, isChosen: value.name === replaced_by }))
    .sort((a, b) => a.name.localeCompare(b.name));
}
