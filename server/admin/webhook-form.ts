import { listValues, REGISTRIES, type RegistryName } from '../store/registries/registry-values.ts';
import { type Subscription, TOPICS, type Topic } from '../store/webhooks/subscriptions.ts';
import { refused, requiredOf, textOf, wholeOf } from './fields.ts';
import type { AdminContext } from './page.ts';

/** What each topic tells of. */
const SAYS: Record<Topic, string> = {
  'widget.registered': 'A widget was registered.',
  'interaction.recorded': 'An interaction event was recorded.',
  'annotation.created': 'An annotation was attached.',
  'annotation.resolved': 'An annotation was resolved.',
  'manifest.status_changed': 'A manifest of the hub was activated, suspended or retired.',
  'contract.revised': 'The contract has a new revision.',
};

const FILTERS: Record<RegistryName, { field: 'widget_type' | 'event_type' | 'category'; label: string }> = {
  widget_types: { field: 'widget_type', label: 'Widgets of type' },
  event_types: { field: 'event_type', label: 'Events of type' },
  annotation_categories: { field: 'category', label: 'Annotations of category' },
};

/** More values than any registry has. */
const ALL = { limit: 100_000 };

const DEFAULT_IN_FLIGHT = 16;

/** What the form of a subscription says, apart from what cannot be changed later. */
export async function wantedOf({ database }: AdminContext, form: URLSearchParams) {
  const url = requiredOf(form, 'url', 'The address', 2000);
  const topics = TOPICS.filter((topic) => form.getAll('topics').includes(topic));
  if (topics.length === 0) throw refused('Choose one topic at least.', 'topics');
  const filters = await Promise.all(
    Object.entries(FILTERS).map(async ([registry, { field, label }]) => {
      const word = textOf(form, field);
      const known = await listValues(database, registry as RegistryName, ALL);
      if (word && !known.data.some(({ name }) => name === word)) {
        throw refused(`${label}: there is no '${word}'.`, field);
      }
      return [field, word || null] as const;
    }),
  );
  return {
    ...{ url, topics },
    ...(Object.fromEntries(filters) as Record<'widget_type' | 'event_type' | 'category', string | null>),
    max_in_flight: within(form, 'max_in_flight', 64) ?? DEFAULT_IN_FLIGHT,
    rate_per_second: within(form, 'rate_per_second', 1000),
  };
}

function within(form: URLSearchParams, field: string, most: number): number | null {
  const value = wholeOf(form, field, 'This');
  if (value !== null && (value < 1 || value > most)) throw refused(`It is a number from 1 to ${most}.`, field);
  return value;
}

/** The form as it is shown: with what was typed, or else with what a subscription has. */
export async function formView({ database }: AdminContext, form: URLSearchParams, subscription?: Subscription) {
  const isTyped = form.has('url');
  const text = (field: 'url' | 'widget_type' | 'event_type' | 'category' | 'max_in_flight' | 'rate_per_second') =>
    isTyped ? textOf(form, field) : String(subscription?.[field] ?? '');
  const chosen: readonly string[] = isTyped ? form.getAll('topics') : (subscription?.topics ?? TOPICS);
  const filters = await Promise.all(
    REGISTRIES.map(async (registry) => {
      const { field, label } = FILTERS[registry];
      const { data } = await listValues(database, registry, ALL);
      const values = data
        .filter(({ status, name }) => status !== 'retired' || name === text(field))
        .map(({ name }) => ({ name, isChosen: name === text(field) }))
        .sort((a, b) => a.name.localeCompare(b.name));
      return { field, label, values };
    }),
  );
  return {
    topics: TOPICS.map((name) => ({ name, says: SAYS[name], isChosen: chosen.includes(name) })),
    filters,
    url: text('url'),
    inFlight: text('max_in_flight') || DEFAULT_IN_FLIGHT,
    rate: text('rate_per_second'),
    isOrdered: form.has('ordered'),
    isAsymmetric: form.has('asymmetric'),
  };
}
