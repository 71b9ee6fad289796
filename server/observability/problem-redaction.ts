import type { ValidationIssue } from '../errors.ts';
import type { Problem } from '../http/problem.ts';
import { redactSecrets } from './redact.ts';

/** What the log keeps of a problem document beside its type, which has a column, and what follows from that. */
export interface ProblemDetails {
  detail?: string;
  errors?: ValidationIssue[];
  /** How many further errors there were. */
  further?: number;
  'violated-policies'?: unknown;
}

const MOST_ERRORS = 10;
const LONGEST = 300;
const LONGEST_STEP = 64;
/** So much of a text is looked at: a name in a body may be as long as the body. */
const LOOKED_AT = 1_000;

/** What may be repeated of what a caller wrote: words of a registry, ids, numbers, times, addresses of the API. */
const PLAIN = [
  /^[a-z][a-z0-9_.:-]{0,39}$/,
  /^[0-9a-fA-F-]{36}$/,
  /^[+-]?\d[\d.eE+-]{0,20}$/,
  /^\d{4}-\d\d-\d\d(?:[T ][\d:.Z+-]{0,20})?$/,
  /^(?:\/[a-z0-9_.-]{0,40}){1,8}$/,
];

/** A quoted piece of text, to its end where nothing closes it. An apostrophe within a word opens none. */
const QUOTED = /"((?:\\.|[^"\\])*)(?:"|$)|(?<!\w)'([^']*)(?:'|$)/g;

/** What the database stores in no text. One such character would take the whole batch of rows with it. */
const UNSTORABLE = /\p{Surrogate}|\0/gu;

/**
 * The members of a problem document that the log keeps. It quotes what callers wrote, and whoever reads the log is not
 * whom they wrote it to: quotations that have no plain form are left out, and so is what they may end in.
 */
export function redactProblem({ type, detail, errors = [], 'violated-policies': policies }: Problem): ProblemDetails {
  // The parser of JSON quotes a piece of the body as it stands, whose own quotation marks make no pairs.
  const isParsed = type.endsWith(':malformed-request');
  const said = detail === undefined || !isParsed ? detail : detail.replace(/"[\s\S]*/, '"…"');
  const further = errors.length - MOST_ERRORS;
  return {
    ...(said !== undefined && { detail: withoutQuotations(said) }),
    ...(policies !== undefined && { 'violated-policies': policies }),
    ...(errors.length > 0 && { errors: errors.slice(0, MOST_ERRORS).map(failureTold) }),
    ...(further > 0 && { further }),
  };
}

function failureTold({ pointer, parameter, code, detail, suggestion, replaced_by }: ValidationIssue): ValidationIssue {
  return {
    ...(pointer !== undefined && { pointer: pointer.slice(0, LOOKED_AT).split('/').map(stepTold).join('/') }),
    ...(parameter !== undefined && { parameter: stepTold(parameter) }),
    code,
    detail: withoutQuotations(detail),
    ...(suggestion !== undefined && { suggestion }),
    ...(replaced_by !== undefined && { replaced_by }),
  };
}

/** Names in the body are the caller's own: one that is none of a program's may say anything. */
function stepTold(step: string): string {
  return step.length <= LONGEST_STEP && /^[\w.~#-]*$/.test(step) ? step : '…';
}

function withoutQuotations(text: string): string {
  const told = redactSecrets(text.slice(0, LOOKED_AT)).replace(
    QUOTED,
    (quotation, double?: string, single?: string) => {
      const quoted = double ?? single ?? '';
      const mark = quotation[0] ?? '';
      return PLAIN.some((form) => form.test(quoted)) ? quotation : `${mark}…${mark}`;
    },
  );
  const letters = Array.from(told.replace(UNSTORABLE, '\ufffd'));
  return letters.length > LONGEST ? `${letters.slice(0, LONGEST).join('')}…` : letters.join('');
}
