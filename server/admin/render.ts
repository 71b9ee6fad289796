import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Handlebars from 'handlebars';

/** Where the templates and assets lie, from where the compiled file does. */
const FOLDER = join(import.meta.dirname, '../../../server/admin');
export const ASSETS = join(FOLDER, 'assets');

export type Render = (page: string, view: object) => string;

/**
 * Compiles the templates, once. Each is a page, or with a `-` before its name a part of pages. A template decides
 * nothing but what its view says, and what it prints is escaped.
 */
export function compileTemplates(): Render {
  const handlebars = Handlebars.create();
  const pages = new Map<string, HandlebarsTemplateDelegate>();
  const folder = join(FOLDER, 'templates');
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.hbs'))) {
    const source = readFileSync(join(folder, file), 'utf8');
    const name = file.replace(/\.hbs$/, '');
    if (name.startsWith('-')) handlebars.registerPartial(name.slice(1), source);
    else pages.set(name, handlebars.compile(source, { knownHelpersOnly: true, preventIndent: true }));
  }
  return (page, view) => {
    const template = pages.get(page);
    if (!template) throw new Error(`There is no template '${page}'.`);
    return template(view);
  };
}
