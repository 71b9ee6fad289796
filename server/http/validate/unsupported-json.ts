import type { ValidationIssue } from '../../errors.ts';
import { escapePointer } from './failures.ts';

/** Deeper than anybody nests by hand. The database and JSON.stringify run out of stack at a few thousand. */
const DEEPEST = 100;

const UNSTORABLE = /\0|\p{Surrogate}/u;

/** What JSON can say and the database cannot keep as it is: told at its place, before it fails others in its group. */
export function findUnsupportedJson(body: unknown, query: Record<string, unknown>): ValidationIssue[] {
  const failures: ValidationIssue[] = [];
  visit(body, '', 0, (pointer, failure) => failures.push({ pointer: `#${pointer}`, ...failure }));
  for (const [parameter, value] of Object.entries(query)) {
    visit(value, '', 0, (_, failure) => failures.push({ parameter, ...failure }));
  }
  return failures;
}

function visit(value: unknown, at: string, depth: number, tell: (at: string, failure: ValidationIssue) => void): void {
  if (typeof value === 'string') {
    if (UNSTORABLE.test(value)) tell(at, CHARACTER);
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) tell(at, NUMBER);
  } else if (value !== null && typeof value === 'object') {
    if (depth === DEEPEST) {
      tell(at, DEPTH);
      return;
    }
    for (const [name, child] of Object.entries(value)) {
      if (UNSTORABLE.test(name)) tell(at, CHARACTER);
      else visit(child, `${at}/${escapePointer(name)}`, depth + 1, tell);
    }
  }
}

const CHARACTER: ValidationIssue = {
  code: 'unsupported_character',
  detail: 'A text or a name holds U+0000 or half of a surrogate pair. Leave it out.',
};
const NUMBER: ValidationIssue = { code: 'unsupported_number', detail: 'The number is too large. Send it as a text.' };
const DEPTH: ValidationIssue = { code: 'too_deep', detail: `JSON may be nested ${DEEPEST} deep. Flatten it.` };
