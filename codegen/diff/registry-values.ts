import { type Document, isUsable, type RegistryValue } from '../document.ts';
import { type Change, changeAt, describedAt, NARROWER, NONE, pairs } from './change.ts';

/**
 * One change of a registry. The kind says what the word is now: a word that was added and then retired is 'retired',
 * so that a change over many revisions reads as what it is now against what it was then.
 */
export function registryValueChange(registry: string, before: RegistryValue | null, after: RegistryValue): Change[] {
  const place = placeOf(registry, after);
  const noun = nounOf(registry, after);
  if (before?.status === after.status) {
    const moved = before.replaced_by !== after.replaced_by || before.sunset_at !== after.sunset_at;
    const state = `The ${noun} is ${after.status}${remedy(after)}.`;
    return [...(moved ? [changeAt(place, 'changed', state)] : []), ...describedAt(place, before, after, PROSE)];
  }
  if (!before) return [addition(registry, after)];
  return [transition(registry, before, after), ...describedAt(place, before, after, PROSE)];
}

/** What changed in the words of two live documents. An authored document holds none. */
export function diffRegistryValues(from: Document, to: Document): Change[] {
  return pairs(wordsOf(from), wordsOf(to)).flatMap(({ key: registry, was, is }) =>
    pairs(was, is).flatMap(({ was: before, is: after }) => {
      if (after) return registryValueChange(registry, before ?? null, after);
      return before ? [removal(registry, before)] : [];
    }),
  );
}

const PROSE = ['label', 'description'];

function addition(registry: string, word: RegistryValue): Change {
  const place = placeOf(registry, word);
  const noun = nounOf(registry, word);
  if (word.status === 'active') return changeAt(place, 'added', `Requests may now send the ${noun}.`);
  if (word.status === 'deprecated') {
    return changeAt(place, 'deprecated', `Requests may now send the ${noun}, but it is deprecated${remedy(word)}.`);
  }
  return changeAt(place, 'retired', `Responses may now hold the ${noun}, but it is retired${remedy(word)}.`);
}

function transition(registry: string, before: RegistryValue, after: RegistryValue): Change {
  const place = placeOf(registry, after);
  const noun = nounOf(registry, after);
  if (after.status === 'retired') {
    return changeAt(place, 'retired', `Requests may no longer send the ${noun}${remedy(after)}.`, NARROWER);
  }
  if (before.status === 'active') return changeAt(place, 'deprecated', `The ${noun} is deprecated${remedy(after)}.`);
  // States go forward only: what follows is seen when the newer revision is compared with the older one.
  const state = after.status === 'deprecated' ? `, but it is deprecated${remedy(after)}` : ' and it is not deprecated';
  return changeAt(place, 'changed', `Requests may send the ${noun}${state}.`);
}

/** Words are never deleted, so this too is seen backwards only. */
function removal(registry: string, word: RegistryValue): Change {
  const detail = `Requests may not send the ${nounOf(registry, word)}: the registry does not hold it.`;
  return changeAt(placeOf(registry, word), 'removed', detail, isUsable(word) ? NARROWER : NONE);
}

// Responses are open: they may hold a word that the client never heard of, so no word breaks them.
function placeOf(registry: string, word: RegistryValue) {
  return { subject: `${registry}.${word.name}`, requests: true, responses: false };
}

function nounOf(registry: string, word: RegistryValue): string {
  const singular = registry.replace(/ies$/, 'y').replace(/s$/, '').replaceAll('_', ' ');
  return `${singular} '${word.name}'`;
}

function remedy(word: RegistryValue): string {
  const parts: string[] = [];
  if (word.replaced_by) parts.push(`use '${word.replaced_by}' instead`);
  if (word.status === 'deprecated' && word.sunset_at)
    parts.push(`it is to be retired on ${word.sunset_at.slice(0, 10)}`);
  return parts.length > 0 ? `: ${parts.join('; ')}` : '';
}

function wordsOf(document: Document): Record<string, Record<string, RegistryValue>> {
  const registries: Record<string, Record<string, RegistryValue>> = {};
  for (const schema of Object.values(document.components.schemas)) {
    const registry = schema['x-ihf-registry'];
    const words = schema['x-ihf-values'];
    if (registry && words) registries[registry] = Object.fromEntries(words.map((word) => [word.name, word]));
  }
  return registries;
}
