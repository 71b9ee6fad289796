/** A point in time, for programs and for people. */
export interface Moment {
  iso: string;
  text: string;
  ago: string;
}

const UNITS: readonly [seconds: number, unit: string][] = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
];

export function moment(iso: string): Moment;
export function moment(iso: string | null): Moment | undefined;
export function moment(iso: string | null): Moment | undefined {
  if (iso === null) return undefined;
  const at = new Date(iso);
  return {
    iso: at.toISOString(),
    text: `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    ago: relativeTime(at),
  };
}

function relativeTime(at: Date): string {
  const seconds = Math.round((Date.now() - at.getTime()) / 1000);
  if (Math.abs(seconds) < 1) return 'just now';
  const [size, unit] = UNITS.find(([step]) => Math.abs(seconds) >= step) ?? [1, 's'];
  const length = `${Math.round(Math.abs(seconds) / size)} ${unit}`;
  return seconds > 0 ? `${length} ago` : `in ${length}`;
}

export function number(value: number): string {
  return value.toLocaleString('en');
}

const SDKS: Readonly<Record<string, string>> = { typescript: 'TypeScript', python: 'Python' };

/** 'TypeScript SDK, revision 3'; undefined for a client that is not one of our SDKs. */
export function sdkName(sdk: string | null | undefined, revision: number | null | undefined): string | undefined {
  return sdk ? `${SDKS[sdk] ?? sdk} SDK, revision ${revision}` : undefined;
}

/** '1 key', '2 keys'. */
export function count(value: number, noun: string): string {
  return `${number(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** A state as a colored label. */
export interface Badge {
  text: string;
  tone: 'good' | 'warn' | 'bad' | '';
}
