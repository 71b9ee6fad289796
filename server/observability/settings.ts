/** What the environment says about watching and protecting this hub. */
export interface TrafficSettings {
  /** Requests that may be under way at once. */
  maxInFlight: number;
  /** Days that the log of requests is kept. */
  logRetentionDays: number;
  /** Where metrics are told to whoever asks; unset: nowhere. */
  metricsPort: number | undefined;
  /** Who shows it is told the metrics on the hub's own port; unset: nobody. */
  metricsToken: string | undefined;
}

/** A second's worth of requests is the most that may wait: more only waits longer. */
export const TRAFFIC_DEFAULTS: TrafficSettings = {
  maxInFlight: 1_000,
  logRetentionDays: 30,
  metricsPort: undefined,
  metricsToken: undefined,
};

/** @throws Error that names the variable, its value and what it may be. */
export function readTrafficSettings(environment: Record<string, string | undefined>): TrafficSettings {
  const numberOf = (name: string, least: number, most: number): number | undefined => {
    const text = environment[name];
    if (!text) return undefined;
    const number = Number(text);
    if (/^\d{1,6}$/.test(text) && number >= least && number <= most) return number;
    throw new Error(`${name} is '${text}'. It is a number from ${least} to ${most}.`);
  };
  return {
    maxInFlight: numberOf('IHF_MAX_IN_FLIGHT', 1, 100_000) ?? TRAFFIC_DEFAULTS.maxInFlight,
    logRetentionDays: numberOf('IHF_LOG_RETENTION_DAYS', 1, 3_650) ?? TRAFFIC_DEFAULTS.logRetentionDays,
    metricsPort: numberOf('IHF_METRICS_PORT', 0, 65_535),
    metricsToken: environment.IHF_METRICS_TOKEN || undefined,
  };
}
