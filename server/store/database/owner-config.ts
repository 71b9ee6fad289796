import type pg from 'pg';

/**
 * The settings of a connection as the owner of the tables. A database that does not respond is an error of the start and not
 * an endless wait; names resolve in `public`, whatever the search path of the user is.
 */
export function ownerConfig(connectionString: string): pg.ClientConfig {
  return {
    connectionString: withoutOptions(connectionString),
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    options: '-c search_path=public -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3',
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
