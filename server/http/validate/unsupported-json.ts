import { invalidRequest, type ValidationIssue } from '../../errors.ts';
import { appendPointer } from './json-pointer.ts';

/** Deeper than anyone nests by hand. Postgres and `JSON.stringify` exhaust their stacks at a few thousand levels. */
const MAX_DEPTH = 100;

const UNSUPPORTED_CHARACTER = /\0|\p{Surrogate}/u;

/** More than one per item of the largest batch. Beyond it the search ends, and the request is rejected as a whole. */
const MAX_FOUND = 1_001;

/**
 * The parts of a request that are valid JSON but that Postgres cannot store. They are rejected here, with their
 * location, before they fail other requests in the same batch.
 *
 * @throws IhfError invalid_request if there are more than one per item of the largest batch.
 */
export function findUnsupportedJson(body: unknown, query: Record<string, unknown>): ValidationIssue[] {
  const issues: ValidationIssue[] = [];
  visit(body, [], (path, issue) => {
    issues.push({ pointer: `#${path.reduce(appendPointer, '')}`, ...issue });
    if (issues.length === MAX_FOUND) throw invalidRequest(issues);
  });
  for (const [parameter, value] of Object.entries(query)) {
    visit(value, [], (_, issue) => issues.push({ parameter, ...issue }));
  }
  return issues;
}

type OnIssue = (path: readonly string[], issue: ValidationIssue) => void;

function visit(value: unknown, path: string[], onIssue: OnIssue): void {
  if (typeof value === 'string') {
    if (UNSUPPORTED_CHARACTER.test(value)) onIssue(path, CHARACTER);
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) onIssue(path, NUMBER);
  } else if (value !== null && typeof value === 'object') {
    if (path.length === MAX_DEPTH) {
      onIssue(path, DEPTH);
      return;
    }
    for (const [name, child] of Object.entries(value)) {
      if (UNSUPPORTED_CHARACTER.test(name)) onIssue(path, CHARACTER);
      // Most values are short scalars: no path is built for them.
      else if (child !== null && typeof child === 'object') {
        path.push(name);
        visit(child, path, onIssue);
        path.pop();
      } else visit(child, path, (at, issue) => onIssue([...at, name], issue));
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
