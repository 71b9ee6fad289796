import { readTrafficSettings, type TrafficSettings } from './observability/settings.ts';
import { readWebhookSettings, type WebhookSettings } from './webhooks/settings.ts';

/** What the environment says about this hub. */
export interface Config {
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** A Postgres to use; unset: the embedded one in `dataDir`. */
  databaseUrl: string | undefined;
  dataDir: string;
  /** The address by which others reach this hub, without a slash at its end; unset: host and port. */
  publicUrl: string | undefined;
  validateResponses: boolean;
  /** Encrypts the webhook secrets in the database: 32 bytes in base64. */
  secretKey: string | undefined;
  webhooks: WebhookSettings;
  traffic: TrafficSettings;
}

/**
 * Reads the configuration from environment variables.
 * @throws Error that names the variable, its value and what it may be.
 */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const host = environment.HOST || '127.0.0.1';
  const databaseUrl = environment.DATABASE_URL || undefined;
  if (databaseUrl !== undefined && !/^postgres(ql)?:\/\//.test(databaseUrl)) {
    throw new Error('DATABASE_URL is no Postgres address. It looks like postgres://user:password@host:5432/database.');
  }
  return {
    host,
    port: portOf(environment.PORT || '3000'),
    databaseUrl,
    dataDir: environment.IHF_DATA_DIR || '.ihf',
    publicUrl: publicUrlOf(environment.IHF_PUBLIC_URL || undefined),
    validateResponses: environment.NODE_ENV !== 'production',
    secretKey: environment.IHF_SECRET_KEY || undefined,
    webhooks: readWebhookSettings(environment),
    traffic: readTrafficSettings(environment),
  };
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65535) return port;
  throw new Error(`PORT is '${text}'. It is a number from 0 to 65535, where 0 takes any free port.`);
}

function publicUrlOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text.replace(/\/+$/, '');
  throw new Error(`IHF_PUBLIC_URL is '${text}'. It is an address such as https://hub.example.com.`);
}
