import { SCOPE_PRESETS } from '../../access/scope-presets.ts';
import type { Scope } from '../../store/access/consumers.ts';

/** The scopes of a form as checkboxes: none is checked until the form was submitted. */
export function scopeChoices(scopes: readonly Scope[], form: URLSearchParams) {
  const chosen = form.getAll('scopes');
  return scopes.map(({ name, description }) => {
    const presets = SCOPE_PRESETS.filter((preset) => preset.includes(name)).map((preset) => preset.name);
    return { name, description, presets: presets.join(' '), isChosen: chosen.includes(name) };
  });
}
