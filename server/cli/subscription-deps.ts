import type { Config } from '../config.ts';
import { AddressGuard } from '../webhooks/address-guard.ts';
import { readSecretKey } from '../webhooks/secret-key.ts';
import { SecretBox } from '../webhooks/secrets.ts';
import type { SubscriptionDeps } from '../webhooks/subscriptions.ts';

/** What creating subscriptions needs beside the database. Only commands that create one need the secret key. */
export function openSubscriptionDeps(config: Config): SubscriptionDeps {
  return { box: new SecretBox(readSecretKey(config)), guard: new AddressGuard(config.webhooks.allow) };
}
