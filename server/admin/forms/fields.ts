import { invalidRequest } from '../../errors.ts';

/** The text of a field, without surrounding spaces. */
export function textField(values: URLSearchParams, field: string): string {
  return values.get(field)?.trim() ?? '';
}

/** The texts of several fields, as the person typed them. */
export function typedFields<Name extends string>(values: URLSearchParams, ...fields: Name[]): Record<Name, string> {
  return Object.fromEntries(fields.map((field) => [field, textField(values, field)])) as Record<Name, string>;
}

/** A text that must not be empty. */
export function requiredField(values: URLSearchParams, field: string, label: string, maxLength = 200): string {
  const text = textField(values, field);
  if (text === '') throw invalidField(`${label} is required.`, field);
  if (text.length > maxLength) throw invalidField(`${label} must be at most ${maxLength} characters long.`, field);
  return text;
}

/** A whole number; null if the field is empty. */
export function integerField(values: URLSearchParams, field: string, label: string): number | null {
  const text = textField(values, field);
  if (text === '') return null;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw invalidField(`${label} must be a whole number of at most nine digits.`, field);
}

/** The start of a day (UTC) in ISO 8601; null if the field is empty. */
export function dateField(values: URLSearchParams, field: string, label: string): string | null {
  const text = textField(values, field);
  if (text === '') return null;
  const day = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  if (day && !Number.isNaN(day.getTime())) return day.toISOString();
  throw invalidField(`${label} must be a date such as 2027-03-31.`, field);
}

/** The time of a `datetime-local` field, which is read as UTC, or of an ISO 8601 text. */
export function parseDateTime(text: string): Date | undefined {
  const time = new Date(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) ? `${text}Z` : text);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/** One of the options. */
export function choiceField<T extends string>(values: URLSearchParams, field: string, options: readonly T[]): T {
  const choice = options.find((option) => option === values.get(field));
  if (choice === undefined) throw invalidField(`Choose one of ${options.join(', ')}.`, field);
  return choice;
}

/** @param field The name of the invalid field, if the error belongs to one. */
export function invalidField(detail: string, field?: string) {
  return invalidRequest([{ code: 'invalid', detail, ...(field && { pointer: `#/${field}` }) }]);
}

/** How long an old secret stays valid beside the new one. */
export const OVERLAPS = [
  { seconds: '3600', label: '1 hour' },
  { seconds: '86400', label: '1 day' },
  { seconds: '604800', label: '7 days' },
  { seconds: '2592000', label: '30 days' },
  { seconds: '0', label: 'Expire immediately' },
];

export function overlapField(values: URLSearchParams): number {
  const options = OVERLAPS.map(({ seconds }) => seconds);
  return Number(choiceField(values, 'overlap', options));
}
