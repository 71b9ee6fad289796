import { IhfError, invalidRequest } from '../errors.ts';
import type { Db } from '../store/database/database.ts';
import {
  insertSubscription,
  type NewSubscription,
  newSubscriptionId,
  rotateKeys,
  type Subscription,
  type SubscriptionChange,
  updateSubscription,
} from '../store/webhooks/subscriptions.ts';
import { newKeyPair, newSecret } from './signature.ts';
import type { Webhooks } from './webhooks.ts';

/** What is needed to make and check subscriptions. */
export type SubscriptionDeps = Pick<Webhooks, 'box' | 'guard'>;

/** A subscription with its newest secret, which nobody sees again. */
export interface WithSecret {
  subscription: Subscription;
  secret: string;
}

export type Wanted = Omit<NewSubscription, 'id' | 'keys' | 'public_key'> & { asymmetric?: boolean | undefined };

/** @throws IhfError invalid_request if a webhook may not go there. */
export async function createWebhook(db: Db, office: SubscriptionDeps, wanted: Wanted): Promise<WithSecret> {
  const { asymmetric = false, ...fields } = wanted;
  await checkUrl(office, fields.url);
  const id = await newSubscriptionId(db);
  const { secret, ...keys } = newKeys(office, id, asymmetric);
  return { subscription: await insertSubscription(db, { ...fields, ...keys, id }), secret };
}

/** @throws IhfError invalid_request if a webhook may not go there; conflict if the subscription has ended. */
export async function updateWebhook(
  db: Db,
  office: SubscriptionDeps,
  subscription: Subscription,
  wanted: SubscriptionChange,
): Promise<Subscription> {
  if (wanted.url !== undefined) await checkUrl(office, wanted.url);
  return (await updateSubscription(db, subscription.hub_id, subscription.id, wanted)) ?? ended(subscription);
}

/** @throws IhfError conflict if the subscription has ended. */
export async function rotateWebhookSecret(
  db: Db,
  office: SubscriptionDeps,
  subscription: Subscription,
  overlapSeconds = 86_400,
): Promise<WithSecret> {
  const { secret, ...keys } = newKeys(office, subscription.id, subscription.public_key !== null);
  const rotated = await rotateKeys(db, subscription.hub_id, subscription.id, keys, overlapSeconds);
  return { subscription: rotated ?? ended(subscription), secret };
}

/** @throws IhfError conflict if nothing is sent any more. */
export function assertNotEnded(subscription: Subscription): Subscription {
  return subscription.status === 'ended' ? ended(subscription) : subscription;
}

function newKeys({ box }: SubscriptionDeps, id: string, asymmetric: boolean) {
  const secret = newSecret();
  const pair = asymmetric ? newKeyPair() : undefined;
  const keys = box.seal({ secret, privateKey: pair?.privateKey }, id);
  return { secret, keys, public_key: pair?.publicKey ?? null };
}

async function checkUrl({ guard }: SubscriptionDeps, url: string): Promise<void> {
  const detail = await guard.refusal(url);
  if (detail !== undefined) throw invalidRequest([{ pointer: '#/url', code: 'refused_address', detail }]);
}

function ended({ id, status_changed_at }: Subscription): never {
  throw new IhfError('conflict', `The subscription ${id} ended at ${status_changed_at}. Create another one.`);
}
