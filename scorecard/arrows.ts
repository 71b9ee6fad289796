import { posix } from 'node:path';
import { count, type Finding } from './finding.ts';
import { importsOf, packageOf, pathOf } from './imports.ts';
import { LAYERS, type Layer } from './layers.ts';
import type { SourceFile } from './tree.ts';

/** Every import goes where the layers say it may. */
export function checkArrows(files: readonly SourceFile[]): Finding {
  const faults = files.filter(({ path }) => path.endsWith('.ts')).flatMap(faultsOf);
  return { evidence: `${count(LAYERS.length, 'layer')}, each with the list of what it may import`, faults };
}

function faultsOf({ path, text }: SourceFile): string[] {
  const layer = layerOf(path);
  if (!layer) return [`${path} belongs to no layer`];
  const faults = importsOf(text)
    .filter((name) => !isAllowed(layer, path, name))
    .map((name) => `${path} imports ${name}, which ${layer.of} may not`);
  if (layer.pure && /\bprocess\.\w/.test(text)) faults.push(`${path} touches process, which ${layer.of} may not`);
  return faults;
}

function isAllowed(layer: Layer, importer: string, name: string): boolean {
  const path = pathOf(importer, name);
  if (path !== undefined) return layer.may.includes(layerOf(path)?.of ?? '');
  if (!layer.packages) return true;
  return layer.packages.includes(packageOf(name)) || (name.startsWith('node:') && layer.packages.includes('node:'));
}

function layerOf(path: string): Layer | undefined {
  return LAYERS.find(({ of }) => {
    if (of.endsWith('/*')) return `${posix.dirname(path)}/*` === of;
    return of.endsWith('/') ? path.startsWith(of) : path === of;
  });
}
