import { type Document, isAccepted, type RegistryValue, registrySchemas } from '../document.ts';
import { valueNoun } from '../value-noun.ts';
import { type Change, changeAt, describedAt, NARROWER, NONE, type Place, pairs } from './change.ts';
import { operationsUsingRegistry } from './touched-operations.ts';

/**
 * The changes of one registry value. The kind names its current state: across several revisions, a value that was added
 * and then retired is 'retired'.
 */
export function registryValueChange(
  registry: string,
  before: RegistryValue | null,
  after: RegistryValue,
  operations?: () => string[],
): Change[] {
  const place = { ...placeOfValue(registry, after), ...(operations && { operations }) };
  const name = displayName(registry, after);
  if (before?.status === after.status) {
    const moved = before.replaced_by !== after.replaced_by || before.sunset_at !== after.sunset_at;
    const state = `The ${name} is ${after.status}.${replacementAndSunset(after)}`;
    return [...(moved ? [changeAt(place, 'changed', state)] : []), ...describedAt(place, before, after, VALUE_PROSE)];
  }
  if (!before) return [addition(registry, place, after)];
  return [transition(registry, place, before, after), ...describedAt(place, before, after, VALUE_PROSE)];
}

/** Compares the registry values of two live documents. An authored document has none. */
export function diffRegistryValues(from: Document, to: Document): Change[] {
  return pairs(registryValuesIn(from), registryValuesIn(to)).flatMap(({ key: registry, was, is }) => {
    const operations = () => operationsUsingRegistry([from, to], registry);
    return pairs(was, is).flatMap(({ was: before, is: after }) => {
      if (after) return registryValueChange(registry, before ?? null, after, operations);
      return before ? [removal(registry, { ...placeOfValue(registry, before), operations }, before)] : [];
    });
  });
}

const VALUE_PROSE = ['label', 'description'];

function addition(registry: string, place: Place, value: RegistryValue): Change {
  const name = displayName(registry, value);
  const note = replacementAndSunset(value);
  if (value.status === 'active') return changeAt(place, 'added', `Requests may now send the ${name}.`);
  if (value.status === 'deprecated') {
    return changeAt(place, 'deprecated', `Requests may now send the ${name}, but it is deprecated.${note}`);
  }
  return changeAt(place, 'retired', `Responses may now contain the ${name}, but it is retired.${note}`);
}

function transition(registry: string, place: Place, before: RegistryValue, after: RegistryValue): Change {
  const name = displayName(registry, after);
  const note = replacementAndSunset(after);
  if (after.status === 'retired') {
    return changeAt(place, 'retired', `Requests may no longer send the ${name}.${note}`, NARROWER);
  }
  if (before.status === 'active') return changeAt(place, 'deprecated', `The ${name} is deprecated.${note}`);
  // States only move forward. The rest occurs when a newer revision is compared with an older one.
  if (before.status === 'deprecated') return changeAt(place, 'changed', `The ${name} is not deprecated.`);
  const state = after.status === 'deprecated' ? `, but it is deprecated.${note}` : '.';
  return changeAt(place, 'changed', `Requests may send the ${name}${state}`);
}

/** Values are never deleted, so this too occurs only when a newer revision is compared with an older one. */
function removal(registry: string, place: Place, value: RegistryValue): Change {
  const detail = `Requests may not send the ${displayName(registry, value)}: the registry does not contain it.`;
  return changeAt(place, 'removed', detail, isAccepted(value) ? NARROWER : NONE);
}

// Response schemas are open: clients must expect unknown values, so no value breaks responses.
function placeOfValue(registry: string, value: RegistryValue): Place {
  return { subject: `${registry}.${value.name}`, requests: true, responses: false };
}

/** For sentences: "event type 'clicked'". */
function displayName(registry: string, value: RegistryValue): string {
  return `${valueNoun(registry)} '${value.name}'`;
}

function replacementAndSunset(value: RegistryValue): string {
  const replacement = value.replaced_by ? ` Use '${value.replaced_by}' instead.` : '';
  const isPlanned = value.status === 'deprecated' && value.sunset_at;
  return replacement + (isPlanned ? ` Planned retirement: ${value.sunset_at?.slice(0, 10)}.` : '');
}

function registryValuesIn(document: Document): Record<string, Record<string, RegistryValue>> {
  const lists = Object.entries(document['x-ihf-registries'] ?? {});
  for (const schema of registrySchemas(document)) {
    if (schema['x-ihf-values']) lists.push([schema['x-ihf-registry'], schema['x-ihf-values']]);
  }
  const byName = (values: readonly RegistryValue[]) => Object.fromEntries(values.map((value) => [value.name, value]));
  return Object.fromEntries(lists.map(([registry, values]) => [registry, byName(values)]));
}
