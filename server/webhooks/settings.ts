import { networks } from './ip-ranges.ts';
import { RETRY_SECONDS } from './schedule.ts';

/** What the environment says about webhooks. */
export interface WebhookSettings {
  /** Networks that may be reached although they are not public. */
  allow: readonly string[];
  /** After how many seconds a failed delivery is tried again, attempt by attempt. */
  retries: readonly number[];
  /** Whether the hub delivers too, or leaves it to workers of their own. */
  worker: boolean;
}

const LONGEST_RETRY_SECONDS = 7 * 86_400;

/** @throws Error that names the variable, its value and what it may be. */
export function readWebhookSettings(environment: Record<string, string | undefined>): WebhookSettings {
  return {
    allow: networksOf(environment.IHF_WEBHOOK_ALLOW || ''),
    retries: retriesOf(environment.IHF_WEBHOOK_RETRIES || RETRY_SECONDS.join(',')),
    worker: switchOf(environment.IHF_WEBHOOK_WORKER || 'on'),
  };
}

function networksOf(text: string): string[] {
  const cidrs = partsOf(text);
  try {
    networks(cidrs);
  } catch (error) {
    throw new Error(`IHF_WEBHOOK_ALLOW: ${(error as Error).message}`);
  }
  return cidrs;
}

function retriesOf(text: string): number[] {
  const parts = partsOf(text);
  if (parts.every((part) => /^\d+(\.\d+)?$/.test(part) && Number(part) <= LONGEST_RETRY_SECONDS)) {
    return parts.map(Number);
  }
  throw new Error(
    `IHF_WEBHOOK_RETRIES is '${text}'. It is a list of seconds, such as 5,30,120, a week at the most each.`,
  );
}

function switchOf(text: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on';
  throw new Error(`IHF_WEBHOOK_WORKER is '${text}'. It is on, or off where workers run on their own.`);
}

function partsOf(text: string): string[] {
  return text.split(',').flatMap((part) => part.trim() || []);
}
