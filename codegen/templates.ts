import Handlebars from 'handlebars';

/** Renders a view as text. */
export type Template = (view: object) => string;

/**
 * Compiles a template for source code. It throws where the view lacks a value that the template prints, and does not
 * escape: the view holds text that is ready to print.
 */
export function compileTemplate(source: string): Template {
  return Handlebars.compile(source, { noEscape: true, strict: true, knownHelpersOnly: true });
}
