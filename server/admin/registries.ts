import { findRegistryValueUsage, type RegistryValueUsage } from '../store/registries/registry-value-usage.ts';
import {
  findValue,
  listValues,
  REGISTRIES,
  type RegistryName,
  type RegistryValue,
} from '../store/registries/registry-values.ts';
import { count, moment, number, type State } from './format.ts';
import { type AdminContext, found, missing, type OperatorPage, type PageRequest } from './page.ts';

/** More values than any registry has: a registry is shown whole. */
const ALL = { limit: 100_000 };

const LABELS: Record<RegistryName, { label: string; one: string; uses: string }> = {
  annotation_categories: { label: 'Annotation categories', one: 'annotation category', uses: 'annotation' },
  event_types: { label: 'Event types', one: 'event type', uses: 'event' },
  widget_types: { label: 'Widget types', one: 'widget type', uses: 'widget' },
};

export const registriesPage: OperatorPage = async (_, { database }) => {
  const registries = await Promise.all(
    REGISTRIES.map(async (name) => {
      const { data } = await listValues(database, name, ALL);
      return { name, ...LABELS[name], values: data.reverse().map(valueView) };
    }),
  );
  return { page: 'registries', title: 'Registries', view: { registries } };
};

export const valuePage: OperatorPage = async (visit, desk) => {
  const { registry, value } = await valueAt(visit, desk);
  const { data } = await listValues(desk.database, registry, ALL);
  const view = {
    registry: registryView(registry),
    value: valueView(value),
    replacements: replacementsOf(data, value),
    usage: usageView(registry, await findRegistryValueUsage(desk.database, registry, value.name)),
    canDeprecate: value.status === 'active',
    canRetire: value.status !== 'retired',
  };
  return { page: 'value', title: value.name, view };
};

export function registryOf({ params }: PageRequest): RegistryName {
  const registry = REGISTRIES.find((name) => name === params.registry);
  if (!registry) throw missing('registry');
  return registry;
}

export async function valueAt(visit: PageRequest, { database }: AdminContext) {
  const registry = registryOf(visit);
  return { registry, value: found(await findValue(database, registry, visit.params.name ?? ''), 'value') };
}

export function registryView(name: RegistryName) {
  return { name, ...LABELS[name] };
}

const TONES: Record<RegistryValue['status'], State['tone']> = { active: 'good', deprecated: 'warn', retired: '' };

export function valueView({ name, label, description, status, replaced_by, sunset_at, ...times }: RegistryValue) {
  return {
    ...{ name, label, description, replaced_by },
    state: { word: status, tone: TONES[status] },
    sunset: sunset_at?.slice(0, 10),
    created: moment(times.created_at),
    updated: moment(times.updated_at),
  };
}

/** The values that may be named instead of one: whatever may still be used. */
function replacementsOf(values: readonly RegistryValue[], { name, replaced_by }: RegistryValue) {
  return values
    .filter((value) => value.status !== 'retired' && value.name !== name)
    .map((value) => ({ name: value.name, isChosen: value.name === replaced_by }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

export function usageView(registry: RegistryName, { hubs, isWhole }: RegistryValueUsage) {
  const total = hubs.reduce((sum, { uses }) => sum + uses, 0);
  const said = count(total, LABELS[registry].uses);
  return {
    hubs: hubs.map(({ hub, uses, last_used_at }) => ({ hub, uses: number(uses), last: moment(last_used_at) })),
    total: isWhole ? said : `at least ${said}; the latest were looked at`,
  };
}
