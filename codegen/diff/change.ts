export interface Breaking {
  requests: boolean;
  responses: boolean;
}

export type ChangeKind = 'added' | 'changed' | 'deprecated' | 'described' | 'removed' | 'retired';

/** One change of the contract, as the contract itself shows it. */
export interface Change {
  kind: ChangeKind;
  subject: string;
  detail: string;
  breaking: Breaking;
}

/** How the set of what a place accepts has moved. Both are true where that cannot be decided. */
export interface Shift {
  narrower: boolean;
  wider: boolean;
}

export const NONE: Shift = { narrower: false, wider: false };
export const NARROWER: Shift = { narrower: true, wider: false };
export const WIDER: Shift = { narrower: false, wider: true };
export const UNDECIDED: Shift = { narrower: true, wider: true };

/** What is compared: its name, and in which directions it travels. */
export interface Place {
  subject: string;
  requests: boolean;
  responses: boolean;
}

/** A request breaks when less is accepted than before, a response when it may hold more than before. */
export function changeAt(place: Place, kind: ChangeKind, detail: string, shift: Shift = NONE): Change {
  const breaking = { requests: place.requests && shift.narrower, responses: place.responses && shift.wider };
  return { kind, subject: place.subject, detail, breaking };
}

/** What is said to people. */
export const PROSE: readonly string[] = ['title', 'summary', 'description'];

/** The change of what is said about a place to people. */
export function describedAt(place: Place, before: object, after: object, fields = PROSE): Change[] {
  const changed = fields.filter((field) => JSON.stringify(get(before, field)) !== JSON.stringify(get(after, field)));
  return changed.length === 0
    ? []
    : [changeAt(place, 'described', `The ${changed.join(' and the ')} of ${place.subject} changed.`)];
}

/** The change of a place's `deprecated` flag. */
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

/** Every key of two maps once, with its value on either side, in a fixed order. */
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
