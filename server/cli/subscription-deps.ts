import type { Config } from '../config.ts';
import { SecretBox } from '../webhooks/secret-box.ts';
import { readSecretKeys } from '../webhooks/secret-key.ts';
import { SsrfGuard } from '../webhooks/ssrf-guard.ts';
import type { SubscriptionDeps } from '../webhooks/subscriptions.ts';

export function openSecretBox(config: Config): SecretBox {
  const { secretKey, previousSecretKey } = readSecretKeys(config);
  return new SecretBox(secretKey, previousSecretKey);
}

/** What creating subscriptions needs beside the database. Only commands that create one need the secret key. */
export function openSubscriptionDeps(config: Config): SubscriptionDeps {
  return { box: openSecretBox(config), guard: new SsrfGuard(config.webhooks.allow) };
}
