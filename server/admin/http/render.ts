import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { htmlTemplates } from '../../../codegen/templates.ts';

/** The source folder: compiled files run from another one, which holds no templates or assets. */
const FOLDER = join(import.meta.dirname, '../../../../server/admin');
export const ASSETS = join(FOLDER, 'assets');

const PARTIALS = 'partials/';

export type Render = (page: string, view: object) => string;

/**
 * Compiles the templates, once. A page is named by its path below templates/, without its extension. A template decides
 * nothing: it prints what its view contains.
 */
export function compileTemplates(): Render {
  const pages: Record<string, string> = {};
  const partials: Record<string, string> = {};
  const folder = join(FOLDER, 'templates');
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.hbs')) continue;
    const name = file.replaceAll('\\', '/').replace(/\.hbs$/, '');
    const source = readFileSync(join(folder, file), 'utf8');
    if (name.startsWith(PARTIALS)) partials[name.slice(PARTIALS.length)] = source;
    else pages[name] = source;
  }
  const templates = htmlTemplates(pages, partials);
  return (page, view) => {
    const template = templates.get(page);
    if (!template) throw new Error(`Unknown template '${page}'`);
    return template(view);
  };
}
