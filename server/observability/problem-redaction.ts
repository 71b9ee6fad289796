import type { ValidationIssue } from '../errors.ts';
import type { Problem } from '../http/problem.ts';
import { redactSecrets } from './redact.ts';

/** The members of a problem document that the request log stores. `type` has its own column and implies the rest. */
export interface ProblemDetails {
  detail?: string;
  errors?: ValidationIssue[];
  /** Number of errors beyond those stored. */
  omitted?: number;
  'violated-policies'?: unknown;
}

const MAX_ERRORS = 10;
const MAX_TEXT_LENGTH = 300;
const MAX_STEP_LENGTH = 64;
/** The rest of a text is not read: a field name in a body can be as long as the body. */
const MAX_INPUT_LENGTH = 1_000;

/** Quoted input that may be stored: registry values, ids, numbers, times and paths of the API. */
const HARMLESS = [
  /^[a-z][a-z0-9_.:-]{0,39}$/,
  /^[0-9a-fA-F-]{36}$/,
  /^[+-]?\d[\d.eE+-]{0,20}$/,
  /^\d{4}-\d\d-\d\d(?:[T ][\d:.Z+-]{0,20})?$/,
  /^(?:\/[a-z0-9_.-]{0,40}){1,8}$/,
];

/** Quoted text; without a closing quote, to the end. An apostrophe within a word does not open a quotation. */
const QUOTED = /"((?:\\.|[^"\\])*)(?:"|$)|(?<!\w)'([^']*)(?:'|$)/g;

/** Characters that Postgres rejects in text. One of them would fail the whole batch of rows. */
const UNSTORABLE = /\p{Surrogate}|\0/gu;

/**
 * The members of a problem document that the request log stores. A problem document quotes input of the caller, which may
 * be personal data or a secret and is not meant for the readers of the log: all but harmless quotations are removed.
 */
export function redactProblem({ type, detail, errors = [], 'violated-policies': policies }: Problem): ProblemDetails {
  // The JSON parser quotes a part of the body unescaped, so that its quotation marks do not pair up.
  const isParsed = type.endsWith(':malformed-request');
  const text = detail === undefined || !isParsed ? detail : detail.replace(/"[\s\S]*/, '"…"');
  const omitted = errors.length - MAX_ERRORS;
  return {
    ...(text !== undefined && { detail: redactQuotations(text) }),
    ...(policies !== undefined && { 'violated-policies': policies }),
    ...(errors.length > 0 && { errors: errors.slice(0, MAX_ERRORS).map(redactIssue) }),
    ...(omitted > 0 && { omitted }),
  };
}

function redactIssue({ pointer, parameter, code, detail, suggestion, replaced_by }: ValidationIssue): ValidationIssue {
  return {
    ...(pointer !== undefined && { pointer: pointer.slice(0, MAX_INPUT_LENGTH).split('/').map(redactStep).join('/') }),
    ...(parameter !== undefined && { parameter: redactStep(parameter) }),
    code,
    detail: redactQuotations(detail),
    ...(suggestion !== undefined && { suggestion }),
    ...(replaced_by !== undefined && { replaced_by }),
  };
}

/** A field name in the body is input as well: only one that looks like an identifier is stored. */
function redactStep(step: string): string {
  return step.length <= MAX_STEP_LENGTH && /^[\w.~#-]*$/.test(step) ? step : '…';
}

function redactQuotations(text: string): string {
  const redacted = redactSecrets(text.slice(0, MAX_INPUT_LENGTH)).replace(
    QUOTED,
    (quotation, double?: string, single?: string) => {
      const quoted = double ?? single ?? '';
      const mark = quotation[0] ?? '';
      return HARMLESS.some((form) => form.test(quoted)) ? quotation : `${mark}…${mark}`;
    },
  );
  const letters = Array.from(redacted.replace(UNSTORABLE, '\ufffd'));
  return letters.length > MAX_TEXT_LENGTH ? `${letters.slice(0, MAX_TEXT_LENGTH).join('')}…` : letters.join('');
}
