import type { QuotaUsage } from '../../store/access/quota-usage.ts';
import type { Figures } from '../../store/request-log/statistics.ts';
import { moment, number } from '../core/format.ts';

const HIGH_ERROR_RATE = 0.05;

export function statsView({ requests, error_rate, p50_ms, p95_ms, last_ended_at }: Figures) {
  return {
    requests: number(requests),
    errors: percent(error_rate),
    isErrorRateHigh: error_rate >= HIGH_ERROR_RATE,
    p50: milliseconds(p50_ms),
    p95: milliseconds(p95_ms),
    last: moment(last_ended_at),
  };
}

/** The share of its daily quota that a consumer has used. */
export function quotaUsageView(usage: QuotaUsage | undefined) {
  const { used, quota } = usage ?? { used: 0, quota: 0 };
  const share = quota > 0 ? used / quota : 0;
  const tone = share >= 0.9 ? 'bad' : share >= 0.7 ? 'warn' : 'good';
  return (
    usage && { used: number(used), quota: number(quota), share: percent(share), bar: Math.min(share, 1) * 100, tone }
  );
}

function percent(share: number): string {
  const value = share * 100;
  return `${value > 0 && value < 10 ? value.toFixed(1) : Math.round(value)}%`;
}

function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}
