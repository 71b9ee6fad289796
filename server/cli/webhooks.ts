import { IhfError } from '../errors.ts';
import { findHubIdOf } from '../store/operators/hub-lookup.ts';
import { listDeliveries, queueAgain, queueTest } from '../store/webhooks/deliveries.ts';
import { countMissed, insertRecovery } from '../store/webhooks/recoveries.ts';
import {
  deleteSubscription,
  findSubscription,
  listSubscriptions,
  type Subscription,
  TOPICS,
  type Topic,
  updateSubscription,
} from '../store/webhooks/subscriptions.ts';
import { assertNotEnded, createWebhook, rotateWebhookSecret, type WithSecret } from '../webhooks/subscriptions.ts';
import { type CliCommand, type CliContext, type CliResult, table, UsageError } from './command.ts';
import { findHubByName, parseDuration, parseTime } from './lookups.ts';
import { openSubscriptionDeps } from './subscription-deps.ts';

/** More than any installation has: the command line shows all. */
const ALL = 100_000;
const SHOWN = 50;

const list: CliCommand = {
  summary: 'show the webhook subscriptions',
  arguments: [],
  options: { hub: 'only of this hub, by slug or id' },
  async run({ hub }, { database }) {
    const hubId = hub && (await findHubByName(database, hub)).id;
    const { data } = await listSubscriptions(database, hubId, { limit: ALL });
    const rows = data.map(({ id, url, status, status_reason, failing_since, topics }) => ({
      ...{ id, url, status: status_reason ? `${status} (${status_reason})` : status },
      'failing since': failing_since,
      topics: topics.join(' '),
    }));
    return { json: data, text: table(rows) };
  },
};

const create: CliCommand = {
  summary: 'tell an address what happens in a hub; the secret is shown once',
  arguments: ['hub', 'url'],
  options: {
    topics: 'what to tell, with commas; all if left out',
    ordered: 'yes: first in, first out per widget',
    asymmetric: 'yes: sign with an ed25519 key too',
  },
  async run({ hub, url = '', topics, ordered, asymmetric }, { database }) {
    const { id: hub_id } = await findHubByName(database, hub);
    const wanted = { hub_id, url, topics: topicsOf(topics) };
    const flags = { ordered: isYes(ordered, 'ordered'), asymmetric: isYes(asymmetric, 'asymmetric') };
    return shownOnce(await createWebhook(database, openSubscriptionDeps(), { ...wanted, ...flags }));
  },
};

const rotateSecret: CliCommand = {
  summary: 'make a new secret; messages carry both signatures during the overlap',
  arguments: ['subscription'],
  options: { overlap: 'how long the old one signs too: 15m, 24h; a day if left out' },
  async run({ subscription, overlap }, { database }) {
    const found = await subscriptionOf(database, subscription);
    return shownOnce(
      await rotateWebhookSecret(database, openSubscriptionDeps(), found, parseDuration(overlap, 86_400)),
    );
  },
};

function switched(status: 'active' | 'paused', summary: string): CliCommand {
  return {
    summary,
    arguments: ['subscription'],
    options: {},
    async run({ subscription }, { database }) {
      const found = await subscriptionOf(database, subscription);
      const changed = (await updateSubscription(database, found.hub_id, found.id, { status })) ?? assertNotEnded(found);
      return { json: changed, text: `subscription ${changed.id} is ${changed.status}` };
    },
  };
}

const remove: CliCommand = {
  summary: 'end a subscription, with all that is queued for it',
  arguments: ['subscription'],
  options: {},
  async run({ subscription }, { database }) {
    const found = await subscriptionOf(database, subscription);
    await deleteSubscription(database, found.hub_id, found.id);
    return { json: found, text: `subscription ${found.id} is deleted` };
  },
};

const test: CliCommand = {
  summary: 'send a test message',
  arguments: ['subscription'],
  options: {},
  async run({ subscription }, { database }) {
    const { hub_id, id } = assertNotEnded(await subscriptionOf(database, subscription));
    return queued(await queueTest(database, hub_id, id));
  },
};

const attempts: CliCommand = {
  summary: `show the last ${SHOWN} attempts to deliver to a subscription`,
  arguments: ['subscription'],
  options: { message: 'only of this message, by id' },
  async run({ subscription, message }, { database }) {
    const { hub_id, id } = await subscriptionOf(database, subscription);
    const { data } = await listDeliveries(database, hub_id, id, { limit: SHOWN, message_id: message });
    const rows = data.map(({ ended_at, message_id, attempt, status_code, duration_ms, error }) => ({
      ...{ ended_at, message: message_id, attempt, status: status_code, ms: duration_ms, error },
    }));
    return { json: data, text: table(rows) };
  },
};

const redeliver: CliCommand = {
  summary: 'deliver one message again',
  arguments: ['subscription', 'message'],
  options: {},
  async run({ subscription, message = '' }, { database }) {
    const { hub_id, id } = assertNotEnded(await subscriptionOf(database, subscription));
    const found = await queueAgain(database, hub_id, id, message);
    if (!found) throw new IhfError('not_found', `There is no message ${message} for this subscription.`);
    return queued(found);
  },
};

const recover: CliCommand = {
  summary: 'deliver everything since a date that never arrived',
  arguments: ['subscription', 'since'],
  options: { count: 'yes: only tell how many messages there are' },
  async run({ subscription, since, count }, { database }) {
    const { hub_id, id } = assertNotEnded(await subscriptionOf(database, subscription));
    const time = parseTime(since, 'since') as string;
    if (isYes(count, 'count')) {
      const missed = await countMissed(database, hub_id, id, time);
      return { json: { since: time, missed }, text: `${missed} messages since ${time} never arrived` };
    }
    const recovery = await insertRecovery(database, hub_id, id, time);
    return { json: recovery, text: `recovery ${recovery.id}: the workers see to it` };
  },
};

export const webhooks = {
  list,
  create,
  pause: switched('paused', 'keep messages for later'),
  resume: switched('active', 'send again, first what has waited'),
  delete: remove,
  rotate: rotateSecret,
  test,
  attempts,
  redeliver,
  recover,
};

async function subscriptionOf(db: CliContext['database'], id = ''): Promise<Subscription> {
  const hubId = /^[0-9a-f-]{36}$/.test(id) ? await findHubIdOf(db, 'webhook_subscriptions', id) : undefined;
  const found = hubId && (await findSubscription(db, hubId, id));
  if (found) return found;
  throw new IhfError('not_found', `There is no webhook subscription '${id}'. 'ihf webhooks list' shows them.`);
}

function topicsOf(text: string | undefined): readonly Topic[] {
  if (text === undefined) return TOPICS;
  return text.split(',').map((part) => {
    const topic = TOPICS.find((known) => known === part.trim());
    if (!topic) throw new UsageError(`There is no topic '${part.trim()}'. There are ${TOPICS.join(', ')}.`);
    return topic;
  });
}

function isYes(text: string | undefined, option: string): boolean {
  if (text === undefined || text === 'no') return false;
  if (text === 'yes') return true;
  throw new UsageError(`--${option} is '${text}'. It is yes or no.`);
}

function shownOnce({ subscription, secret }: WithSecret): CliResult {
  const key = subscription.public_key ? `public key    ${subscription.public_key}\n` : '';
  const text = `subscription  ${subscription.id}\nsecret        ${secret}\n${key}The secret is shown now and never again.`;
  return { json: { ...subscription, secret }, text };
}

function queued(message: { message_id: string; topic: string }): CliResult {
  return { json: message, text: `message ${message.message_id} (${message.topic}) is queued` };
}
