import { readConfig } from '../config.ts';
import { AddressGuard } from '../webhooks/address-guard.ts';
import { readSecretKey } from '../webhooks/secret-key.ts';
import { SecretBox } from '../webhooks/secrets.ts';
import type { SubscriptionDeps } from '../webhooks/subscriptions.ts';

/** What making subscriptions needs beside the database: only commands that make them ask for the key. */
export function openSubscriptionDeps(): SubscriptionDeps {
  const config = readConfig({ ...process.env, HOST: undefined, PORT: undefined });
  return { box: new SecretBox(readSecretKey(config)), guard: new AddressGuard(config.webhooks.allow) };
}
