import type { Scope } from '../../store/access/consumers.ts';

/** The scopes of a form as checkboxes: none is checked until the form was submitted. */
export function scopeChoices(scopes: readonly Scope[], form: URLSearchParams) {
  const chosen = form.getAll('scopes');
  return scopes.map(({ name, description }) => {
    return { name, description, isChosen: chosen.includes(name) };
  });
}
