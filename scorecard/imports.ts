import { posix } from 'node:path';

/** Returned instead of a name for a dynamic import that computes its name. */
export const COMPUTED = '(computed)';

const STATIC = /^(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm;
const FOR_EFFECT = /^import\s*['"]([^'"]+)['"]/gm;
const DYNAMIC = /\bimport\(\s*(?:['"]([^'"]+)['"]|[^)'"])/g;
const REQUIRED = /\brequire(?:\.resolve)?\(\s*['"]([^'"]+)['"]/g;

/**
 * The names that a TypeScript source imports, including type-only and dynamic imports. Relies on the formatter: only a
 * static import begins a line with `import` or `export … from`.
 */
export function importsOf(text: string): string[] {
  return [STATIC, FOR_EFFECT, DYNAMIC, REQUIRED].flatMap((form) =>
    [...text.matchAll(form)].map(([, name]) => name ?? COMPUTED),
  );
}

/** The path that a relative import refers to, from the root of the repository; undefined for a package. */
export function pathOf(importer: string, name: string): string | undefined {
  return name.startsWith('.') ? posix.join(posix.dirname(importer), name) : undefined;
}

/** The package name of an import, without a path inside the package. Modules of Node keep their full name. */
export function packageOf(name: string): string {
  if (name.startsWith('node:')) return name;
  return name.split('/', name.startsWith('@') ? 2 : 1).join('/');
}
