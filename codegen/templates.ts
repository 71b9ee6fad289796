import Handlebars from 'handlebars';

/** Renders a view as text. */
export type Template = (view: object) => string;

/** Compiles a template for source code. It does not escape, and throws if the view lacks a value that it prints. */
export function textTemplate(source: string): Template {
  return Handlebars.compile(source, { noEscape: true, strict: true, knownHelpersOnly: true });
}

/**
 * Compiles templates of HTML pages: values are escaped, and a name that the view lacks prints nothing.
 * @param partials The parts of pages by the name that `{{> name}}` includes.
 */
export function htmlTemplates(
  pages: Readonly<Record<string, string>>,
  partials: Readonly<Record<string, string>>,
): ReadonlyMap<string, Template> {
  const handlebars = Handlebars.create();
  handlebars.registerPartial({ ...partials });
  const options = { knownHelpersOnly: true, preventIndent: true };
  return new Map(Object.entries(pages).map(([name, source]) => [name, handlebars.compile(source, options)]));
}
