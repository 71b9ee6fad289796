import type { RegistryValueUsage } from '../../store/registries/registry-value-usage.ts';
import type { RegistryName, RegistryValue } from '../../store/registries/registry-values.ts';
import { type Badge, count, moment, number } from '../core/format.ts';

const LABELS: Record<RegistryName, { label: string; one: string; uses: string }> = {
  annotation_categories: { label: 'Annotation categories', one: 'annotation category', uses: 'annotation' },
  event_types: { label: 'Event types', one: 'event type', uses: 'event' },
  widget_types: { label: 'Widget types', one: 'widget type', uses: 'widget' },
};

export function registryView(name: RegistryName) {
  return { name, ...LABELS[name] };
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

export function usageView(registry: RegistryName, { hubs, isWhole }: RegistryValueUsage) {
  const total = hubs.reduce((sum, { uses }) => sum + uses, 0);
  const counted = count(total, LABELS[registry].uses);
  return {
    hubs: hubs.map(({ hub, uses, last_used_at }) => ({ hub, uses: number(uses), last: moment(last_used_at) })),
    total: isWhole ? counted : `At least ${counted}`,
  };
}
