import { IhfError } from '../../errors.ts';
import type { Page } from '../core/page.ts';

/** A validation issue of a form, and the field that it belongs to, if it belongs to one. */
export interface FieldError {
  detail: string;
  field?: string | undefined;
}

/** The validation issues of a rejected form. Errors that the operator cannot correct are thrown on. */
export function fieldErrors(error: unknown): FieldError[] {
  if (!(error instanceof IhfError) || error.code === 'unavailable') throw error;
  if (error.issues.length === 0) return [{ detail: error.message }];
  return error.issues.map(({ detail, pointer }) => ({ detail, field: pointer?.replace('#/', '') }));
}

/** A page with a form, and with the validation issues of what was submitted: with any, the status is 422. */
export function formPage({ page, title, view }: Page, errors: readonly FieldError[], status = 422): Page {
  return { page, title, view: { ...view, errors }, ...(errors.length > 0 && { status }) };
}
