import { posix } from 'node:path';

/** What stands for the name in a dynamic import that computes it. */
export const COMPUTED = '(computed)';

const STATIC = /^(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm;
const FOR_EFFECT = /^import\s*['"]([^'"]+)['"]/gm;
const DYNAMIC = /\bimport\(\s*(?:['"]([^'"]+)['"]|[^)'"])/g;
const REQUIRED = /\brequire(?:\.resolve)?\(\s*['"]([^'"]+)['"]/g;

/**
 * The names that a TypeScript source imports, types and dynamic imports among them. It relies on what the formatter
 * holds: a static import begins its line, and only there.
 */
export function importsOf(text: string): string[] {
  return [STATIC, FOR_EFFECT, DYNAMIC, REQUIRED].flatMap((form) =>
    [...text.matchAll(form)].map(([, name]) => name ?? COMPUTED),
  );
}

/** The path in the tree that a relative import means; undefined for a package. */
export function pathOf(importer: string, name: string): string | undefined {
  return name.startsWith('.') ? posix.join(posix.dirname(importer), name) : undefined;
}

/** The package of an import: without the path into it, unless it is a module of Node. */
export function packageOf(name: string): string {
  if (name.startsWith('node:')) return name;
  return name.split('/', name.startsWith('@') ? 2 : 1).join('/');
}
