/** The names that a rendered module exports. */
export function exportsOf(module: string): string[] {
  return [...module.matchAll(/^export (?:async )?(?:class|const|function) (\w+)/gm)].map(([, name]) => name as string);
}

/** The CommonJS form of a rendered module, whose every export is a declaration at the start of a line. */
export function commonJs(module: string): string {
  return `'use strict';\n${module.replace(/^export /gm, '')}\nmodule.exports = { ${exportsOf(module).join(', ')} };\n`;
}
