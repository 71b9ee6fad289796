/** Whether a change fails an existing client, by direction. */
export interface Breaking {
  requests: boolean;
  responses: boolean;
  /** An operation or a schema was renamed or removed, so code that uses a generated client no longer compiles. */
  generated_code: boolean;
}

export type ChangeKind = 'added' | 'changed' | 'deprecated' | 'described' | 'removed' | 'retired';

/** One change of the contract, in the form in which the API returns it. */
export interface Change {
  kind: ChangeKind;
  subject: string;
  detail: string;
  breaking: Breaking;
  /** The ids of the operations and webhook messages that the change touches; absent if unknown. */
  operations?: string[];
}

/** Whether a place now allows fewer values, more values, or both. Both are also set where it cannot be decided. */
export interface Shift {
  narrower: boolean;
  wider: boolean;
}

export const NONE: Shift = { narrower: false, wider: false };
export const NARROWER: Shift = { narrower: true, wider: false };
export const WIDER: Shift = { narrower: false, wider: true };
export const UNDECIDED: Shift = { narrower: true, wider: true };

/** A part of the contract that is compared: its name, and the directions in which it is sent. */
export interface Place {
  subject: string;
  requests: boolean;
  responses: boolean;
  /** Found only for a change, because that takes longer than most comparisons. */
  operations?: () => string[];
}

/** Builds a change. Accepting less than before breaks requests; returning more than before breaks responses. */
export function changeAt(place: Place, kind: ChangeKind, detail: string, shift: Shift = NONE): Change {
  const requests = place.requests && shift.narrower;
  const breaking = { requests, responses: place.responses && shift.wider, generated_code: false };
  return {
    kind,
    subject: place.subject,
    detail,
    breaking,
    ...(place.operations && { operations: place.operations() }),
  };
}

/** The change, which also breaks code that uses a generated client. */
export function breakingCode(change: Change): Change {
  return { ...change, breaking: { ...change.breaking, generated_code: true } };
}

/** Fields that only people read. */
export const PROSE: readonly string[] = ['title', 'summary', 'description'];

/** Compares the fields that only people read. */
export function describedAt(place: Place, before: object, after: object, fields = PROSE): Change[] {
  const changed = fields.filter((field) => JSON.stringify(get(before, field)) !== JSON.stringify(get(after, field)));
  return changed.length === 0
    ? []
    : [changeAt(place, 'described', `The ${changed.join(' and the ')} of ${place.subject} changed.`)];
}

/** Compares the `deprecated` flags. */
export function deprecatedAt(place: Place, before: object, after: object): Change[] {
  const deprecated = Boolean(get(after, 'deprecated'));
  if (Boolean(get(before, 'deprecated')) === deprecated) return [];
  return deprecated
    ? [changeAt(place, 'deprecated', `${place.subject} is deprecated.`)]
    : [changeAt(place, 'changed', `${place.subject} is no longer deprecated.`)];
}

function get(value: object, key: string): unknown {
  return (value as Record<string, unknown>)[key];
}

/** Every key of two maps once, sorted, with its value in each. */
export function pairs<T>(
  before: Record<string, T> = {},
  after: Record<string, T> = {},
): { key: string; was: T | undefined; is: T | undefined }[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.map((key) => ({
    key,
    was: Object.hasOwn(before, key) ? before[key] : undefined,
    is: Object.hasOwn(after, key) ? after[key] : undefined,
  }));
}
