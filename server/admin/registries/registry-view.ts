import { valueNoun } from '../../../codegen/value-noun.ts';
import type { Registry } from '../../store/registries/registries.ts';
import type { RegistryValueUsage } from '../../store/registries/registry-value-usage.ts';
import type { RegistryValue } from '../../store/registries/registry-values.ts';
import { type Badge, count, moment, number } from '../core/format.ts';

export type RegistryTexts = Pick<Registry, 'name' | 'label'>;

export function registryView({ name, label }: RegistryTexts) {
  return { name, label, one: valueNoun(name) };
}

const TONES: Record<RegistryValue['status'], Badge['tone']> = { active: 'good', deprecated: 'warn', retired: '' };

export function valueView({ name, label, description, status, replaced_by, sunset_at, ...times }: RegistryValue) {
  return {
    ...{ name, label, description, replaced_by },
    badge: { text: status, tone: TONES[status] },
    sunset: sunset_at?.slice(0, 10),
    created: moment(times.created_at),
    updated: moment(times.updated_at),
  };
}

/** The uses of a value, by the columns that hold it. */
export function usageView(usages: readonly RegistryValueUsage[]) {
  return usages.map(({ table, hubs, isWhole }) => {
    const counted = count(
      hubs.reduce((sum, { uses }) => sum + uses, 0),
      valueNoun(table),
    );
    return {
      hubs: hubs.map(({ hub, uses, last_used_at }) => ({ hub, uses: number(uses), last: moment(last_used_at) })),
      table: valueNoun(table),
      total: isWhole ? counted : `At least ${counted}`,
    };
  });
}
