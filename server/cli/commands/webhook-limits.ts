import { readWebhookLimits, updateWebhookLimits } from '../../store/webhooks/limits.ts';
import { defineCommand, UsageError } from '../command.ts';

export const limits = defineCommand({
  summary: 'Show or change the webhook limits of the installation',
  arguments: {},
  options: {
    'subscriptions-per-hub': {
      value: 'N',
      description: 'Maximum number of subscriptions of a hub, 1 to 1000',
      otherwise: 'unchanged',
    },
    'queued-per-subscription': {
      value: 'N',
      description: 'Maximum number of queued messages of a subscription, 100 to 10000000; the oldest are given up',
      otherwise: 'unchanged',
    },
  },
  examples: ['webhooks limits', 'webhooks limits --subscriptions-per-hub 100'],
  async run({ 'subscriptions-per-hub': subscriptions, 'queued-per-subscription': queued }, session) {
    const wanted = {
      subscriptions_per_hub: parseLimit(subscriptions, 'subscriptions-per-hub'),
      queued_per_subscription: parseLimit(queued, 'queued-per-subscription'),
    };
    const isChange = subscriptions !== undefined || queued !== undefined;
    const current = isChange
      ? await updateWebhookLimits(await session.write(), wanted)
      : await readWebhookLimits(await session.read());
    const text =
      `subscriptions per hub               ${current.subscriptions_per_hub}\n` +
      `queued messages per subscription    ${current.queued_per_subscription}`;
    return { json: current, text };
  },
});

function parseLimit(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`--${option} must be a whole number (got '${text}').`);
}
