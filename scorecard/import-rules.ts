import { posix } from 'node:path';
import { type CheckResult, count } from './check-result.ts';
import { importsOf, packageOf, pathOf } from './imports.ts';
import type { Layer } from './layer.ts';
import { LAYERS } from './layers.ts';
import type { SourceFile } from './tree.ts';

/** Checks that every file imports only what its layer may import. */
export function checkImports(files: readonly SourceFile[]): CheckResult {
  const violations = files.filter(({ path }) => path.endsWith('.ts')).flatMap(violationsIn);
  return { evidence: `${count(LAYERS.length, 'layer')} in scorecard/layers.ts`, violations };
}

function violationsIn({ path, text }: SourceFile): string[] {
  const layer = layerOf(path);
  if (!layer) return [`${path} belongs to no layer. Add it to scorecard/layers.ts.`];
  const violations = importsOf(text)
    .filter((name) => !isAllowed(layer, path, name))
    .map((name) => `${path} imports ${name}, which layer ${layer.path} must not import`);
  if (layer.pure && /\bprocess\.\w/.test(text)) {
    violations.push(`${path} uses process, which layer ${layer.path} must not use`);
  }
  return violations;
}

function isAllowed(layer: Layer, importer: string, name: string): boolean {
  const path = pathOf(importer, name);
  if (path !== undefined) return layer.mayImport.includes(layerOf(path)?.path ?? '');
  if (!layer.packages) return true;
  return layer.packages.includes(packageOf(name)) || (name.startsWith('node:') && layer.packages.includes('node:'));
}

function layerOf(file: string): Layer | undefined {
  return LAYERS.find(({ path }) => {
    if (path.endsWith('/*')) return `${posix.dirname(file)}/*` === path;
    return path.endsWith('/') ? file.startsWith(path) : file === path;
  });
}
