import {
  deleteSubscription,
  listSubscriptions,
  TOPICS,
  type Topic,
  updateSubscription,
} from '../../store/webhooks/subscriptions.ts';
import {
  assertNotEnded,
  createSubscription,
  rotateWebhookSecret,
  type SubscriptionWithSecret,
} from '../../webhooks/subscriptions.ts';
import { type CliCommand, type CliResult, defineCommand, UsageError } from '../command.ts';
import { findHubByName, findHubFilter, parseDuration, shortTime } from '../lookups.ts';
import { openSubscriptionDeps } from '../subscription-deps.ts';
import { table } from '../table.ts';
import { attempts, recover, redeliver, test } from './webhook-deliveries.ts';
import { limits } from './webhook-limits.ts';
import { EXAMPLE_ID, findSubscriptionById, SUBSCRIPTION } from './webhook-lookups.ts';

/** More than any installation has: the CLI does not page. */
const ALL = 100_000;

const list = defineCommand({
  summary: 'List webhook subscriptions',
  arguments: {},
  options: { hub: { value: 'HUB', description: 'List only the subscriptions of this hub (slug or id)' } },
  examples: ['webhooks list', 'webhooks list --hub storefront'],
  async run({ hub }, session) {
    const database = await session.read();
    const { data } = await listSubscriptions(database, await findHubFilter(database, hub), { limit: ALL });
    const rows = data.map(({ id, url, status, status_reason, failing_since, topics }) => ({
      ...{ id, url, status: status_reason ? `${status} (${status_reason})` : status },
      'failing since': shortTime(failing_since),
      topics: topics.join(' '),
    }));
    return { json: data, text: table(rows) };
  },
});

const create = defineCommand({
  summary: 'Create a webhook subscription (prints its secret once)',
  arguments: { hub: 'Slug or id of the hub', url: 'Public URL that receives the messages' },
  options: {
    topics: { value: 'TOPICS', description: `Topics separated by commas, of ${TOPICS.join(', ')}`, default: 'all' },
    ordered: { description: 'Deliver the messages about one widget in order, one at a time' },
    asymmetric: { description: 'Sign with an Ed25519 key too' },
  },
  examples: [
    'webhooks create storefront https://example.com/hooks/ihf',
    'webhooks create storefront https://example.com/hooks/ihf --topics interaction.recorded --ordered',
  ],
  async run({ hub, url, topics, ordered, asymmetric }, session) {
    const wanted = { url, topics: parseTopics(topics), ordered, asymmetric };
    const database = await session.write();
    const { id: hub_id } = await findHubByName(database, hub);
    return printSecret(
      await createSubscription(database, openSubscriptionDeps(session.config()), { hub_id, ...wanted }),
    );
  },
});

const rotate = defineCommand({
  summary: 'Issue a new signing secret; messages carry both signatures during the overlap',
  arguments: { subscription: SUBSCRIPTION },
  options: {
    overlap: {
      value: 'DURATION',
      description: 'How long the previous secret signs too, for example 15m or 24h',
      default: '24h',
    },
  },
  examples: [`webhooks rotate ${EXAMPLE_ID} --overlap 7d`],
  async run({ subscription, overlap }, session) {
    const seconds = parseDuration(overlap, 'overlap');
    const database = await session.write();
    const found = await findSubscriptionById(database, subscription);
    return printSecret(await rotateWebhookSecret(database, openSubscriptionDeps(session.config()), found, seconds));
  },
});

function statusCommand(verb: string, status: 'active' | 'paused', summary: string): CliCommand {
  return defineCommand({
    summary,
    arguments: { subscription: SUBSCRIPTION },
    options: {},
    examples: [`webhooks ${verb} ${EXAMPLE_ID}`],
    async run({ subscription }, session) {
      const database = await session.write();
      const found = await findSubscriptionById(database, subscription);
      const changed = (await updateSubscription(database, found.hub_id, found.id, { status })) ?? assertNotEnded(found);
      return { json: changed, text: `Subscription ${changed.id} is ${changed.status}.` };
    },
  });
}

const remove = defineCommand({
  summary: 'Delete a subscription and its queued messages',
  arguments: { subscription: SUBSCRIPTION },
  options: {},
  examples: [`webhooks delete ${EXAMPLE_ID}`],
  async run({ subscription }, session) {
    const database = await session.write();
    const found = await findSubscriptionById(database, subscription);
    await deleteSubscription(database, found.hub_id, found.id);
    return { json: found, text: `Deleted subscription ${found.id}.` };
  },
});

export const webhooks = {
  summary: 'Manage webhook subscriptions and deliveries',
  commands: {
    list,
    create,
    pause: statusCommand('pause', 'paused', 'Pause delivery; messages stay queued'),
    resume: statusCommand('resume', 'active', 'Resume delivery, queued messages first'),
    delete: remove,
    rotate,
    test,
    attempts,
    redeliver,
    recover,
    limits,
  },
};

function parseTopics(text: string): readonly Topic[] {
  if (text === 'all') return TOPICS;
  return text.split(',').map((part) => {
    const topic = TOPICS.find((known) => known === part.trim());
    if (topic) return topic;
    throw new UsageError(`Unknown topic '${part.trim()}'. Use any of ${TOPICS.join(', ')}.`);
  });
}

function printSecret({ subscription, secret }: SubscriptionWithSecret): CliResult {
  const key = subscription.public_key ? `public key    ${subscription.public_key}\n` : '';
  const shown = `subscription  ${subscription.id}\nsecret        ${secret}\n${key}`;
  return { json: { ...subscription, secret }, text: `${shown}Store this secret now; it cannot be shown again.` };
}
