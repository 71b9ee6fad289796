import { valueNoun } from '../../../codegen/value-noun.ts';
import type { Db } from '../../store/database/database.ts';
import { listValues } from '../../store/registries/registry-values.ts';
import { listSubscriptionFilters } from '../../store/webhooks/subscription-filters.ts';
import { type Subscription, TOPICS, type Topic } from '../../store/webhooks/subscriptions.ts';
import type { AdminContext } from '../core/page.ts';
import { integerField, invalidField, requiredField, textField } from '../forms/fields.ts';
import { ALL_VALUES } from '../registries/registries.ts';

const TOPIC_DESCRIPTIONS: Record<Topic, string> = {
  'widget.registered': 'A widget was registered.',
  'interaction.recorded': 'An interaction event was recorded.',
  'annotation.created': 'An annotation was created.',
  'annotation.resolved': 'An annotation was resolved.',
  'manifest.status_changed': 'A manifest of the hub was activated, suspended or retired.',
  'contract.revised': 'The contract has a new revision.',
};

const MAX_URL_LENGTH = 2000;
const MAX_IN_FLIGHT = { default: 16, limit: 64 };
const MAX_RATE_PER_SECOND = 1000;

/** Reads the settings of a subscription that can be changed later. */
export async function readSubscriptionForm({ database }: AdminContext, form: URLSearchParams) {
  const url = requiredField(form, 'url', 'URL', MAX_URL_LENGTH);
  const topics = TOPICS.filter((topic) => form.getAll('topics').includes(topic));
  if (topics.length === 0) throw invalidField('Select at least one topic.', 'topics');
  const filters = (await filterFields(database)).map(({ field, label, values }) => {
    const name = textField(form, field);
    if (name && !values.some((value) => value.name === name)) {
      throw invalidField(`${label} '${name}' does not exist.`, field);
    }
    return [field, name || null] as const;
  });
  return {
    ...{ url, topics },
    ...Object.fromEntries(filters),
    max_in_flight:
      rangeField(form, 'max_in_flight', 'Maximum concurrent deliveries', MAX_IN_FLIGHT.limit) ?? MAX_IN_FLIGHT.default,
    rate_per_second: rangeField(form, 'rate_per_second', 'Deliveries per second', MAX_RATE_PER_SECOND),
  };
}

/** A whole number from 1 to `max`; null if the field is empty. */
function rangeField(form: URLSearchParams, field: string, label: string, max: number): number | null {
  const value = integerField(form, field, label);
  if (value !== null && (value < 1 || value > max)) throw invalidField(`${label} must be from 1 to ${max}.`, field);
  return value;
}

/** The form, with what was submitted, or else with the settings of the subscription. */
export async function subscriptionFormView(
  { database }: AdminContext,
  form: URLSearchParams,
  subscription?: Subscription,
) {
  const isSubmitted = form.has('url');
  const saved: Readonly<Record<string, unknown>> = { ...subscription };
  const text = (field: string) => (isSubmitted ? textField(form, field) : String(saved[field] ?? ''));
  const chosen: readonly string[] = isSubmitted ? form.getAll('topics') : (subscription?.topics ?? TOPICS);
  const filters = (await filterFields(database)).map(({ field, label, values }) => ({
    field,
    label,
    values: values
      .filter(({ status, name }) => status !== 'retired' || name === text(field))
      .map(({ name }) => ({ name, isChosen: name === text(field) }))
      .sort((a, b) => a.name.localeCompare(b.name)),
  }));
  return {
    topics: TOPICS.map((name) => ({
      name,
      description: TOPIC_DESCRIPTIONS[name],
      isChosen: chosen.includes(name),
    })),
    filters,
    url: text('url'),
    inFlight: text('max_in_flight') || MAX_IN_FLIGHT.default,
    rate: text('rate_per_second'),
    isOrdered: form.has('ordered'),
    isAsymmetric: form.has('asymmetric'),
  };
}

/** The filters of subscriptions, each with the values that it can have. */
async function filterFields(database: Db) {
  const filters = await listSubscriptionFilters(database);
  return Promise.all(
    filters.map(async ({ field, registry }) => {
      const noun = valueNoun(registry);
      const { data } = await listValues(database, registry, ALL_VALUES);
      return { field, label: `${noun[0]?.toUpperCase()}${noun.slice(1)}`, values: data };
    }),
  );
}
