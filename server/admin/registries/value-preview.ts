import { registryValueChange } from '../../../codegen/diff.ts';
import { findRegistryValueUsage } from '../../store/registries/registry-value-usage.ts';
import type { RegistryValue } from '../../store/registries/registry-values.ts';
import { changesView } from '../contract/changes-view.ts';
import type { AdminContext, Page } from '../core/page.ts';
import { type FieldError, formPage } from '../forms/form-page.ts';
import { type RegistryTexts, registryView, usageView, valueView } from './registry-view.ts';
import type { Fields } from './value-fields.ts';

/** A change of a registry value before it is saved. */
export interface Draft {
  registry: RegistryTexts;
  /** Null for a new value. */
  before: RegistryValue | null;
  after: Pick<RegistryValue, 'name' | 'label' | 'description' | 'status' | 'replaced_by' | 'sunset_at'>;
  title: string;
  fields: Fields;
  /** The path that saves the change, and the one that Cancel leads to. */
  action: string;
  back: string;
}

/** Shows what a change would do to the contract, and which hubs use the value. */
export async function valuePreview(context: AdminContext, draft: Draft, errors: FieldError[] = []): Promise<Page> {
  const { registry, before, after, title, fields, action, back } = draft;
  const usage = before && usageView(await findRegistryValueUsage(context.database, registry.name, before.name));
  await context.contract.catchUp();
  const view = {
    ...{ registry: registryView(registry), value: before && valueView(before), usage, action, back },
    ...changesView(registryValueChange(registry.name, before, after)),
    isDestructive: after.status === 'retired',
    next: context.contract.current.revision + 1,
    fields: Object.entries(fields).map(([name, value]) => ({ name, value })),
  };
  return formPage({ page: 'registries/preview', title, view }, errors, 409);
}
