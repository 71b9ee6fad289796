import type { ClientConfig } from './client.ts';

/**
 * A connection as the owner of the tables. A database that does not respond is an error of the start and not an endless
 * wait; names resolve in `public`, whatever the search path of the user is.
 */
export function ownerConfig(connectionString: string): ClientConfig {
  return {
    connectionString: withoutOptions(connectionString),
    connectTimeoutMs: 10_000,
    // A migration that was cut off must not hold its locks.
    settings: {
      search_path: 'public',
      idle_in_transaction_session_timeout: '20s',
      idle_session_timeout: '30s',
    },
    application_name: 'ihf-hub owner',
  };
}

/** The driver lets `options` of the URL replace those of the server. */
export function withoutOptions(url: string): string {
  if (!URL.canParse(url)) return url;
  const parsed = new URL(url);
  if (!parsed.searchParams.has('options')) return url;
  parsed.searchParams.delete('options');
  return parsed.href;
}
