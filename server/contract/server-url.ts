import { digestOf } from '../../codegen/live.ts';
import type { Artifact } from '../store/contract/artifacts.ts';

export type DocumentFormat = 'json' | 'yaml';

/** The URL of the first server. Text of the document cannot match: quotes in JSON strings are escaped, YAML text is indented. */
const FIRST_SERVER: Record<DocumentFormat, RegExp> = {
  json: /^( {2}"servers": \[\n {4}\{\n {6}"url": )"[^"\n]*"/m,
  yaml: /^(servers:\n {2}- url: )[^\n]*/m,
};

/** Clients may call any number of host names. */
const CACHE_SIZE = 8;

const named = new WeakMap<Artifact, Map<string, Artifact>>();

/**
 * A published document that names this URL as its server. Documents are rendered without the URL that a client called, which
 * differs from client to client. Made once for each URL.
 */
export function withServerUrl(document: Artifact, format: DocumentFormat, url: string): Artifact {
  const byUrl = named.get(document) ?? new Map<string, Artifact>();
  named.set(document, byUrl);
  const found = byUrl.get(url) ?? replaceUrl(document, format, url);
  byUrl.set(url, found);
  const oldest = byUrl.keys().next();
  if (byUrl.size > CACHE_SIZE && !oldest.done) byUrl.delete(oldest.value);
  return found;
}

function replaceUrl(document: Artifact, format: DocumentFormat, url: string): Artifact {
  const text = document.content.toString();
  const replaced = text.replace(FIRST_SERVER[format], (_, start: string) => start + JSON.stringify(url));
  if (replaced === text) return document;
  const content = Buffer.from(replaced);
  return { content, digest: digestOf(content) };
}
