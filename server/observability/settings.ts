import { readInteger } from '../environment.ts';

/** Configuration of the request log and the metrics. */
export interface ObservabilitySettings {
  /** Days that the request log is stored. */
  logRetentionDays: number;
  /** A separate port that serves the metrics without authentication; undefined: none. */
  metricsPort: number | undefined;
  /** The Bearer token for `/metrics` on the main port; undefined: no metrics there. */
  metricsToken: string | undefined;
}

export const OBSERVABILITY_DEFAULTS: ObservabilitySettings = {
  logRetentionDays: 30,
  metricsPort: undefined,
  metricsToken: undefined,
};

/** @throws Error that names the variable, its value and the allowed values. */
export function readObservabilitySettings(environment: Record<string, string | undefined>): ObservabilitySettings {
  return {
    logRetentionDays:
      readInteger(environment, 'IHF_LOG_RETENTION_DAYS', 1, 3_650) ?? OBSERVABILITY_DEFAULTS.logRetentionDays,
    metricsPort: readInteger(environment, 'IHF_METRICS_PORT', 0, 65_535),
    metricsToken: environment.IHF_METRICS_TOKEN || undefined,
  };
}
