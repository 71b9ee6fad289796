import { UUID } from '../../patterns.ts';

const DATE_TIME =
  /^(\d{4}-\d\d-\d\d)[Tt]((?:[01]\d|2[0-3]):[0-5]\d):([0-5]\d|60)(?:\.\d+)?([Zz]|[+-](?:0\d|1[0-5]):[0-5]\d)$/;
const FIRST = Date.parse('0001-01-01T00:00:00Z');
const AFTER_LAST = Date.parse('9999-12-31T23:59:59Z') + 1000;

/**
 * The formats whose usual definitions accept more than Postgres does: UUIDs as URNs, times that are outside of the years
 * 1 to 9999 in UTC, and offsets that are used nowhere.
 */
export const FORMATS = {
  uuid: UUID,
  'date-time': (text: string): boolean => {
    const [, day = '', minute, second, offset = ''] = DATE_TIME.exec(text) ?? [];
    // Date.parse reads 30 February as 1 March, and rejects leap seconds.
    const midnight = Date.parse(`${day}T00:00:00Z`);
    if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) return false;
    const time = Date.parse(`${day}T${minute}:${second === '60' ? '59' : second}${offset.toUpperCase()}`);
    return time >= FIRST && time < AFTER_LAST;
  },
};

/** The same as functions, for compiled validators. The other formats are of responses only. */
export const FORMAT_CHECKS: Readonly<Record<string, (text: string) => boolean>> = {
  uuid: (text) => UUID.test(text),
  'date-time': FORMATS['date-time'],
  uri: (text) => URL.canParse(text),
};
