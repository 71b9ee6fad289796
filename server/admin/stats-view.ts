import type { QuotaUsage } from '../store/access/quota-usage.ts';
import type { Figures } from '../store/request-log/statistics.ts';
import { moment, number } from './format.ts';

/** The figures of some requests. */
export function figuresView({ requests, error_rate, p50_ms, p95_ms, last_ended_at }: Figures) {
  return {
    requests: number(requests),
    errors: percent(error_rate),
    isErring: error_rate >= 0.05,
    p50: milliseconds(p50_ms),
    p95: milliseconds(p95_ms),
    last: moment(last_ended_at),
  };
}

/** How much of its daily quota a consumer has used. */
export function burnView(usage: QuotaUsage | undefined) {
  const { used, quota } = usage ?? { used: 0, quota: 0 };
  const share = quota > 0 ? used / quota : 0;
  const tone = share >= 0.9 ? 'bad' : share >= 0.7 ? 'warn' : 'good';
  return (
    usage && { used: number(used), quota: number(quota), share: percent(share), bar: Math.min(share, 1) * 100, tone }
  );
}

function percent(share: number): string {
  const value = share * 100;
  return `${value > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} %`;
}

function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}
