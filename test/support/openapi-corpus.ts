import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const MODULES = resolve(import.meta.dirname, '../../../node_modules');

/** An OpenAPI document that nobody of this project wrote. */
export interface CorpusDocument {
  /** For example `3.1/petstore`. */
  name: string;
  text: string;
}

/** The documents of the packages `@readme/oas-examples` and `@scalar/galaxy`. */
export function corpusDocuments(): CorpusDocument[] {
  const examples = ['3.0', '3.1'].flatMap((version) => {
    const folder = join(MODULES, '@readme/oas-examples', version, 'json');
    const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
    return files.map((file) => ({ name: `${version}/${file.replace('.json', '')}`, path: join(folder, file) }));
  });
  const galaxy = { name: '3.1/galaxy', path: join(MODULES, '@scalar/galaxy/dist/3.1.json') };
  return [...examples, galaxy].map(({ name, path }) => ({ name, text: readFileSync(path, 'utf8') }));
}
