import { createHash } from 'node:crypto';
import type { AuthoredContract } from '../authored.ts';
import { type Document, type RegistryValue, registryNames } from '../document.ts';
import { liveDocument } from '../live.ts';
import { renderPackage, renderSdk, SDK_PACKAGES, type SdkTemplates } from './render.ts';

/** One value in each state, so that the digest covers how the generator prints each state. */
const SAMPLE_VALUES: RegistryValue[] = [
  { name: 'active', label: 'Active', description: 'In use.', status: 'active', replaced_by: null, sunset_at: null },
  {
    ...{ name: 'deprecated', label: 'Deprecated', description: '', status: 'deprecated', replaced_by: 'active' },
    sunset_at: '2030-01-01T00:00:00.000Z',
  },
  { name: 'retired', label: 'Retired', description: '', status: 'retired', replaced_by: 'active', sunset_at: null },
];

const digests = new WeakMap<SdkTemplates, Map<string, string>>();

/**
 * Identifies a generator: the SHA-256 of the SDKs and packages it renders from an authored document, with sample values
 * in every registry. Two server versions with the same digest render the same SDKs, whatever else differs.
 */
export function generatorDigest(templates: SdkTemplates, { document, digest }: AuthoredContract): string {
  const byDocument = digests.get(templates) ?? new Map<string, string>();
  digests.set(templates, byDocument);
  const found = byDocument.get(digest) ?? digestOfSample(templates, document);
  byDocument.set(digest, found);
  return found;
}

function digestOfSample(templates: SdkTemplates, document: Document): string {
  const values = Object.fromEntries(registryNames(document).map((registry) => [registry, SAMPLE_VALUES]));
  const sample = liveDocument(document, values, 1);
  const hash = createHash('sha256');
  // The wheel contains ihf-client.py unchanged.
  hash.update(renderSdk(sample, 'ihf-client.ts', templates));
  for (const name of SDK_PACKAGES) hash.update(renderPackage(sample, name, templates));
  return hash.digest('hex');
}
