import { readInteger } from '../environment.ts';

/** Configuration of the request log and the metrics. */
export interface ObservabilitySettings {
  /** Days that the request log is stored. */
  logRetentionDays: number;
  /** A separate port for the metrics; undefined: none. */
  metricsPort: number | undefined;
  /** The interface of the separate port. */
  metricsHost: string;
  /** The Bearer token for the metrics; undefined: no metrics on the main port, and no token on the separate port. */
  metricsToken: string | undefined;
}

export const OBSERVABILITY_DEFAULTS: ObservabilitySettings = {
  logRetentionDays: 30,
  metricsPort: undefined,
  metricsHost: '127.0.0.1',
  metricsToken: undefined,
};

/** @throws Error that names the variable, its value and the allowed values. */
export function readObservabilitySettings(environment: Record<string, string | undefined>): ObservabilitySettings {
  return {
    logRetentionDays:
      readInteger(environment, 'IHF_LOG_RETENTION_DAYS', 1, 3_650) ?? OBSERVABILITY_DEFAULTS.logRetentionDays,
    metricsPort: readInteger(environment, 'IHF_METRICS_PORT', 0, 65_535),
    metricsHost: environment.IHF_METRICS_HOST || OBSERVABILITY_DEFAULTS.metricsHost,
    metricsToken: environment.IHF_METRICS_TOKEN || undefined,
  };
}
