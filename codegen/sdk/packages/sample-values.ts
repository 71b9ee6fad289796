import type { SdkModel } from '../model.ts';

/** Values that the server accepts, for the samples in the README of a package. */
export function sampleValues(model: SdkModel): { eventType: string; widgetType: string } {
  return { eventType: acceptedOf(model, 'event_types'), widgetType: acceptedOf(model, 'widget_types') };
}

/** A registry without accepted values has none. */
function acceptedOf({ registries }: SdkModel, registry: string): string {
  return registries.find(({ name }) => name === registry)?.accepted[0] ?? '…';
}
