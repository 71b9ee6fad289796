import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseAuthoredContract } from '../../codegen/authored.ts';
import type { Document, RegistryValue } from '../../codegen/document.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

export const authored: Document = parseAuthoredContract(readFileSync(join(ROOT, 'openapi.yaml'), 'utf8')).document;

/** A registry value, active by default. */
export function registryValue(name: string, about: Partial<RegistryValue> = {}): RegistryValue {
  const label = name.charAt(0).toUpperCase() + name.slice(1);
  return { name, label, description: '', status: 'active', replaced_by: null, sunset_at: null, ...about };
}

/** The values of the registry of registries. */
export const REGISTRIES = ['annotation_categories', 'event_types', 'registries', 'widget_types'].map((name) =>
  registryValue(name),
);

/** Pseudorandom numbers in [0, 1), the same for the same seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
