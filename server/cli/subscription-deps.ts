import type { Config } from '../config.ts';
import { SecretBox } from '../webhooks/secret-box.ts';
import { readSecretKey } from '../webhooks/secret-key.ts';
import { SsrfGuard } from '../webhooks/ssrf-guard.ts';
import type { SubscriptionDeps } from '../webhooks/subscriptions.ts';

/** What creating subscriptions needs beside the database. Only commands that create one need the secret key. */
export function openSubscriptionDeps(config: Config): SubscriptionDeps {
  return { box: new SecretBox(readSecretKey(config)), guard: new SsrfGuard(config.webhooks.allow) };
}
