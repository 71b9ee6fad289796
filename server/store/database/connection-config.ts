import pg from 'pg';
import type { ClientConfig } from './client.ts';
import { withoutOptions } from './owner-config.ts';

const TIMESTAMPTZ = 1184;
const INT8 = 20;

/**
 * Postgres prints as many of six decimals as a time has; the API has three, always. Truncated and not rounded, so that a
 * filter `since` with the result includes the row.
 */
function toIsoTime(text: string): string {
  const [, day, time, fraction = ''] = /^(.+) (.{8})(?:\.(\d+))?\+00$/.exec(text) ?? [];
  return day === undefined ? text : `${day}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}Z`;
}

const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (oid === TIMESTAMPTZ) return toIsoTime;
    if (oid === INT8) return Number;
    return pg.types.getTypeParser(oid, format as 'text');
  }) as typeof pg.types.getTypeParser,
};

const CONNECT_TIMEOUT_MS = 4_000;
/** A node that was lost in a transaction must not hold its locks until TCP gives up. */
const IDLE_IN_TRANSACTION_MS = 10_000;

/** Names resolve in one schema, and times have one form, whatever the defaults of the user and the database are. */
const SETTINGS = {
  role: 'ihf_app',
  search_path: 'public',
  timezone: 'UTC',
  datestyle: 'ISO',
  intervalstyle: 'postgres',
  // Each list has an index in its order. Where Postgres expects few rows, because it does not know that the filters depend
  // on each other, it would read all of them through a bitmap and sort them.
  enable_bitmapscan: 'off',
  idle_in_transaction_session_timeout: String(IDLE_IN_TRANSACTION_MS),
};

/** A connection of a node: with the role that owns nothing, and in UTC. */
export function connectionConfig(url: string, settings: Record<string, string> = {}): ClientConfig {
  return {
    connectionString: withoutOptions(url),
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    settings: { ...SETTINGS, ...settings },
    application_name: 'ihf-hub',
    types,
  };
}
