import { parseNetworks } from './ip-ranges.ts';
import { RETRY_SECONDS } from './schedule.ts';

export interface WebhookSettings {
  /** Non-public networks that webhooks may reach, in CIDR notation. */
  allow: readonly string[];
  /** The delay before each retry, in seconds. */
  retries: readonly number[];
  /** Whether this node delivers webhooks; otherwise separate workers do. */
  worker: boolean;
}

const MAX_RETRY_SECONDS = 7 * 86_400;

/** @throws Error that names the variable, its value and what it must be. */
export function readWebhookSettings(environment: Record<string, string | undefined>): WebhookSettings {
  return {
    allow: parseAllow(environment.IHF_WEBHOOK_ALLOW || ''),
    retries: parseRetries(environment.IHF_WEBHOOK_RETRIES || RETRY_SECONDS.join(',')),
    worker: parseSwitch(environment.IHF_WEBHOOK_WORKER || 'on'),
  };
}

function parseAllow(text: string): string[] {
  const cidrs = splitList(text);
  try {
    parseNetworks(cidrs);
  } catch (error) {
    throw new Error(`IHF_WEBHOOK_ALLOW: ${(error as Error).message}`);
  }
  return cidrs;
}

function parseRetries(text: string): number[] {
  const parts = splitList(text);
  if (parts.every((part) => /^\d+(\.\d+)?$/.test(part) && Number(part) <= MAX_RETRY_SECONDS)) {
    return parts.map(Number);
  }
  throw new Error(
    `IHF_WEBHOOK_RETRIES must be a list of seconds such as 5,30,120, each at most ${MAX_RETRY_SECONDS} (got '${text}').`,
  );
}

function parseSwitch(text: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on';
  throw new Error(
    `IHF_WEBHOOK_WORKER must be 'on' or 'off' (got '${text}'). Use 'off' if separate workers deliver webhooks.`,
  );
}

function splitList(text: string): string[] {
  return text.split(',').flatMap((part) => part.trim() || []);
}
