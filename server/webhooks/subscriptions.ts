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

/** What creating and changing subscriptions needs beside the database. */
export type SubscriptionDeps = Pick<Webhooks, 'box' | 'guard'>;

/** A subscription with its new secret, which is returned only once. */
export interface SubscriptionWithSecret {
  subscription: Subscription;
  secret: string;
}

export type SubscriptionInput = Omit<NewSubscription, 'id' | 'keys' | 'public_key'> & {
  asymmetric?: boolean | undefined;
};

/** @throws IhfError invalid_request if the URL is blocked. */
export async function createSubscription(
  db: Db,
  deps: SubscriptionDeps,
  input: SubscriptionInput,
): Promise<SubscriptionWithSecret> {
  const { asymmetric = false, ...fields } = input;
  await checkUrl(deps, fields.url);
  const id = await newSubscriptionId(db);
  const { secret, ...keys } = newKeys(deps, id, asymmetric);
  return { subscription: await insertSubscription(db, { ...fields, ...keys, id }), secret };
}

/** @throws IhfError invalid_request if the URL is blocked; conflict if the subscription has ended. */
export async function changeSubscription(
  db: Db,
  deps: SubscriptionDeps,
  subscription: Subscription,
  change: SubscriptionChange,
): Promise<Subscription> {
  if (change.url !== undefined) await checkUrl(deps, change.url);
  return (await updateSubscription(db, subscription.hub_id, subscription.id, change)) ?? throwEnded(subscription);
}

/** @throws IhfError conflict if the subscription has ended. */
export async function rotateWebhookSecret(
  db: Db,
  deps: SubscriptionDeps,
  subscription: Subscription,
  overlapSeconds = 86_400,
): Promise<SubscriptionWithSecret> {
  const { secret, ...keys } = newKeys(deps, subscription.id, subscription.public_key !== null);
  const rotated = await rotateKeys(db, subscription.hub_id, subscription.id, keys, overlapSeconds);
  return { subscription: rotated ?? throwEnded(subscription), secret };
}

/** @throws IhfError conflict if the subscription has ended. */
export function assertNotEnded(subscription: Subscription): Subscription {
  return subscription.status === 'ended' ? throwEnded(subscription) : subscription;
}

function newKeys({ box }: SubscriptionDeps, id: string, asymmetric: boolean) {
  const secret = newSecret();
  const pair = asymmetric ? newKeyPair() : undefined;
  const keys = box.seal({ secret, privateKey: pair?.privateKey }, id);
  return { secret, keys, public_key: pair?.publicKey ?? null };
}

async function checkUrl({ guard }: SubscriptionDeps, url: string): Promise<void> {
  const detail = await guard.blockedReason(url);
  if (detail !== undefined) throw invalidRequest([{ pointer: '#/url', code: 'blocked_url', detail }]);
}

function throwEnded({ id, status_changed_at }: Subscription): never {
  throw new IhfError('conflict', `Subscription ${id} ended at ${status_changed_at}. Create a new one.`);
}
