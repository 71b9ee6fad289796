import { invalidRequest } from '../errors.ts';
import type { Scope } from '../store/access/consumers.ts';

/** What somebody typed into a field, without the blanks around it. */
export function textOf(values: URLSearchParams, field: string): string {
  return values.get(field)?.trim() ?? '';
}

/** A text that must be there. */
export function requiredOf(values: URLSearchParams, field: string, label: string, longest = 200): string {
  const text = textOf(values, field);
  if (text === '') throw refused(`${label} is missing.`, field);
  if (text.length > longest) throw refused(`${label} has at most ${longest} characters.`, field);
  return text;
}

/** A whole number; null where the field is empty. */
export function wholeOf(values: URLSearchParams, field: string, label: string): number | null {
  const text = textOf(values, field);
  if (text === '') return null;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw refused(`${label} is a whole number.`, field);
}

/** The end of a day (UTC) as ISO time; null where the field is empty. */
export function dayOf(values: URLSearchParams, field: string, label: string): string | null {
  const text = textOf(values, field);
  if (text === '') return null;
  const day = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  if (day && !Number.isNaN(day.getTime())) return day.toISOString();
  throw refused(`${label} is a date such as 2027-03-31.`, field);
}

/** One of the offered values. */
export function choiceOf<T extends string>(values: URLSearchParams, field: string, offered: readonly T[]): T {
  const choice = offered.find((value) => value === values.get(field));
  if (choice === undefined) throw refused(`Choose one of ${offered.join(', ')}.`, field);
  return choice;
}

/** @param field the name of the field in which the mistake is, if it is in one. */
export function refused(detail: string, field?: string) {
  return invalidRequest([{ code: 'invalid', detail, ...(field && { pointer: `#/${field}` }) }]);
}

/** Scopes to choose from; which of them are ticked. */
export function scopeChoices(scopes: readonly Scope[], isChosen: (scope: string) => boolean) {
  return scopes.map(({ name, description }) => ({ name, description, isChosen: isChosen(name) }));
}

/** Lengths of time during which an old secret stays good beside the new one. */
export const GRACES = [
  { seconds: '3600', label: '1 hour' },
  { seconds: '86400', label: '1 day' },
  { seconds: '604800', label: '7 days' },
  { seconds: '2592000', label: '30 days' },
  { seconds: '0', label: 'none: it ends at once' },
];

export function graceOf(values: URLSearchParams): number {
  return Number(
    choiceOf(
      values,
      'grace',
      GRACES.map(({ seconds }) => seconds),
    ),
  );
}
