import type { CheckResult } from './check-result.ts';
import { importsOf, pathOf } from './imports.ts';
import type { SourceFile } from './tree.ts';

/** Checks that no file imports itself through others. Imports of types count: the files cannot be understood apart. */
export function checkImportCycles(files: readonly SourceFile[]): CheckResult {
  const sources = files.filter(({ path }) => /\.[jt]s$/.test(path));
  const imports = new Map(
    sources.map(({ path, text }) => [path, importsOf(text).flatMap((name) => pathOf(path, name) ?? [])]),
  );
  return {
    evidence: 'all TypeScript and JavaScript files, imports of types included',
    violations: cyclesIn(imports).map((cycle) => `import cycle: ${cycle.join(' -> ')}`),
  };
}

/** One cycle, as the list of its files, per import that closes one in a depth-first search. */
function cyclesIn(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const finished = new Set<string>();
  const visit = (file: string, trail: readonly string[]): void => {
    const start = trail.indexOf(file);
    if (start >= 0) cycles.push([...trail.slice(start), file]);
    if (start >= 0 || finished.has(file)) return;
    for (const imported of imports.get(file) ?? []) visit(imported, [...trail, file]);
    finished.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return cycles;
}
