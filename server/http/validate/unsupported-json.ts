import type { ValidationIssue } from '../../errors.ts';
import { escapePointer } from './json-pointer.ts';

/** Deeper than anyone nests by hand. Postgres and `JSON.stringify` exhaust their stacks at a few thousand levels. */
const MAX_DEPTH = 100;

const UNSUPPORTED_CHARACTER = /\0|\p{Surrogate}/u;

/**
 * The parts of a request that are valid JSON but that Postgres cannot store. They are rejected here, with their
 * location, before they fail other requests in the same batch.
 */
export function findUnsupportedJson(body: unknown, query: Record<string, unknown>): ValidationIssue[] {
  const issues: ValidationIssue[] = [];
  visit(body, '', 0, (pointer, issue) => issues.push({ pointer: `#${pointer}`, ...issue }));
  for (const [parameter, value] of Object.entries(query)) {
    visit(value, '', 0, (_, issue) => issues.push({ parameter, ...issue }));
  }
  return issues;
}

type OnIssue = (pointer: string, issue: ValidationIssue) => void;

function visit(value: unknown, pointer: string, depth: number, onIssue: OnIssue): void {
  if (typeof value === 'string') {
    if (UNSUPPORTED_CHARACTER.test(value)) onIssue(pointer, CHARACTER);
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) onIssue(pointer, NUMBER);
  } else if (value !== null && typeof value === 'object') {
    if (depth === MAX_DEPTH) {
      onIssue(pointer, DEPTH);
      return;
    }
    for (const [name, child] of Object.entries(value)) {
      if (UNSUPPORTED_CHARACTER.test(name)) onIssue(pointer, CHARACTER);
      else visit(child, `${pointer}/${escapePointer(name)}`, depth + 1, onIssue);
    }
  }
}

const CHARACTER: ValidationIssue = {
  code: 'unsupported_character',
  detail: 'Strings must not contain U+0000 or unpaired surrogates. Remove them.',
};
const NUMBER: ValidationIssue = {
  code: 'unsupported_number',
  detail: 'The number is too large. Send it as a string.',
};
const DEPTH: ValidationIssue = {
  code: 'too_deep',
  detail: `JSON nesting is limited to ${MAX_DEPTH} levels. Flatten it.`,
};
