import { availableParallelism } from 'node:os';
import { readInteger } from './environment.ts';
import { DEFAULT_ANONYMOUS_PER_MINUTE } from './http/anonymous-limit.ts';
import { DEFAULT_MAX_IN_FLIGHT } from './http/concurrency-limit.ts';
import { DEFAULT_MAX_CONNECTIONS } from './http/http-server/connection-limit.ts';
import { readTrustProxy, type TrustProxy } from './http/trust-proxy.ts';
import { type ObservabilitySettings, readObservabilitySettings } from './observability/settings.ts';
import type { SecretKeys } from './webhooks/secret-key.ts';
import { readWebhookSettings, type WebhookSettings } from './webhooks/settings.ts';

/** Long enough for a load balancer that checks readiness every second. */
const DEFAULT_SHUTDOWN_DELAY_S = 2;

/** The configuration of a process, from its environment. */
export interface Config {
  host: string;
  /** 0: any free port. */
  port: number;
  /** URL of a Postgres database; undefined: the embedded Postgres in `dataDir`. */
  databaseUrl: string | undefined;
  /** URL with which migrations are applied, as the owner of the tables; undefined: `databaseUrl`. */
  migrationUrl: string | undefined;
  dataDir: string;
  /** The URL at which clients reach the server, without a trailing slash; undefined: host and port. */
  publicUrl: string | undefined;
  /** Which peers are proxies whose forwarded headers are believed. */
  trustProxy: TrustProxy;
  validateResponses: boolean;
  /** Encrypts the webhook secrets in the database: 32 bytes in base64. */
  secretKey: string | undefined;
  /** The key before a rotation, until `ihf secrets rotate` has finished. */
  previousSecretKey: string | undefined;
  /** Number of processes that serve requests on the port. Each is a node. */
  processes: number;
  /** Maximum number of concurrent requests of this node. */
  maxInFlight: number;
  /** Maximum number of requests per minute of one IP address without a valid credential. */
  anonymousPerMinute: number;
  /** Maximum number of open connections of this node. */
  maxConnections: number;
  /** Seconds from the signal to stop, when readiness fails, until no new connections are accepted. */
  shutdownDelay: number;
  webhooks: WebhookSettings;
  observability: ObservabilitySettings;
}

/** The configuration with the secret keys as bytes: read from the environment, or from the data directory. */
export type ServerConfig = Omit<Config, 'secretKey' | 'previousSecretKey'> & SecretKeys;

/**
 * Reads the configuration from environment variables.
 * @throws Error that names the variable, its value and the allowed values.
 */
export function readConfig(environment: Record<string, string | undefined>): Config {
  return {
    host: environment.HOST || '127.0.0.1',
    port: readPort(environment.PORT || '3000'),
    databaseUrl: readDatabaseUrl('DATABASE_URL', environment.DATABASE_URL || undefined),
    migrationUrl: readDatabaseUrl('DATABASE_MIGRATION_URL', environment.DATABASE_MIGRATION_URL || undefined),
    dataDir: environment.IHF_DATA_DIR || '.ihf',
    publicUrl: readPublicUrl(environment.IHF_PUBLIC_URL || undefined),
    trustProxy: readTrustProxy(environment.IHF_TRUST_PROXY),
    validateResponses: (environment.NODE_ENV || 'production') !== 'production',
    secretKey: environment.IHF_SECRET_KEY || undefined,
    previousSecretKey: environment.IHF_SECRET_KEY_PREVIOUS || undefined,
    processes: readProcesses(environment),
    maxInFlight: readInteger(environment, 'IHF_MAX_IN_FLIGHT', 1, 100_000) ?? DEFAULT_MAX_IN_FLIGHT,
    anonymousPerMinute:
      readInteger(environment, 'IHF_ANONYMOUS_PER_MINUTE', 1, 999_999) ?? DEFAULT_ANONYMOUS_PER_MINUTE,
    maxConnections: readInteger(environment, 'IHF_MAX_CONNECTIONS', 4, 500_000) ?? DEFAULT_MAX_CONNECTIONS,
    shutdownDelay: readInteger(environment, 'IHF_SHUTDOWN_DELAY', 0, 300) ?? DEFAULT_SHUTDOWN_DELAY_S,
    webhooks: readWebhookSettings(environment),
    observability: readObservabilitySettings(environment),
  };
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new Error(`PORT must be a number from 0 to 65535, where 0 is any free port (got '${text}').`);
}

function readProcesses(environment: Record<string, string | undefined>): number {
  if (environment.IHF_PROCESSES === 'auto') return availableParallelism();
  return readInteger(environment, 'IHF_PROCESSES', 1, 256, ", or 'auto' for one per core") ?? 1;
}

function readDatabaseUrl(name: string, url: string | undefined): string | undefined {
  if (url === undefined || /^postgres(ql)?:\/\//.test(url)) return url;
  // The value stays out of the message: it can contain a password.
  throw new Error(`${name} must be a Postgres URL, such as postgres://user:password@host:5432/database.`);
}

function readPublicUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text.replace(/\/+$/, '');
  throw new Error(`IHF_PUBLIC_URL must be an HTTP URL, such as https://hub.example.com (got '${text}').`);
}
