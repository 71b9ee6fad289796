import { createHash } from 'node:crypto';
import type { Authored } from '../authored.ts';
import type { RegistryValue } from '../document.ts';
import { liveDocument } from '../live.ts';
import { renderPackage, renderSdk, SDK_PACKAGES, type Templates } from './render.ts';

/** A word in each state, so that what becomes of each is seen. */
const WORDS: RegistryValue[] = [
  { name: 'active', label: 'Active', description: 'In use.', status: 'active', replaced_by: null, sunset_at: null },
  {
    ...{ name: 'deprecated', label: 'Deprecated', description: '', status: 'deprecated', replaced_by: 'active' },
    sunset_at: '2030-01-01T00:00:00.000Z',
  },
  { name: 'retired', label: 'Retired', description: '', status: 'retired', replaced_by: 'active', sunset_at: null },
];

const known = new WeakMap<Templates, Map<string, string>>();

/**
 * What tells generators apart: SHA-256 of the SDKs and packages that they make of an authored document with words in
 * every state. Versions of the hub whose SDKs are alike have the same, whatever else changed between them.
 */
export function generatorDigest(templates: Templates, { document, digest }: Authored): string {
  const byDocument = known.get(templates) ?? new Map<string, string>();
  known.set(templates, byDocument);
  const found = byDocument.get(digest) ?? digestOfSample(templates, document);
  byDocument.set(digest, found);
  return found;
}

function digestOfSample(templates: Templates, document: Authored['document']): string {
  const vocabulary = { annotation_categories: WORDS, event_types: WORDS, widget_types: WORDS };
  const sample = liveDocument(document, vocabulary, 1);
  const hash = createHash('sha256');
  // ihf-client.py is in the wheel as it is.
  hash.update(renderSdk(sample, 'ihf-client.ts', templates));
  for (const name of SDK_PACKAGES) hash.update(renderPackage(sample, name, templates));
  return hash.digest('hex');
}
