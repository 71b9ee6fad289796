import { isDeepStrictEqual } from 'node:util';
import type { Document } from '../document.ts';
import { type Change, changeAt, describedAt, NARROWER, type Place, pairs, UNDECIDED } from './change.ts';
import type { Sides } from './schemas.ts';

const INFO = ['title', 'version', 'summary', 'description', 'contact', 'license'];

/** Compares the parts that belong to no operation: info, tags, servers and security schemes. */
export function diffDocumentInfo({ from, to }: Sides): Change[] {
  const at = (subject: string): Place => ({ subject, requests: true, responses: true });
  const changes = describedAt(at('info'), infoOf(from), infoOf(to), INFO);
  if (!isDeepStrictEqual(from.tags, to.tags)) {
    changes.push(changeAt(at('tags'), 'described', 'The tags or their descriptions changed.'));
  }
  if (!isDeepStrictEqual(serverUrls(from), serverUrls(to))) {
    changes.push(changeAt(at('servers'), 'changed', 'The server URLs changed.', NARROWER));
  } else if (from.info['x-ihf-revision'] === undefined && !isDeepStrictEqual(from.servers, to.servers)) {
    changes.push(changeAt(at('servers'), 'described', 'The descriptions of the server URLs changed.'));
  }
  for (const { key, was, is } of pairs(securitySchemes(from), securitySchemes(to))) {
    // Added and removed schemes show in the operations that require them.
    if (!was || !is) continue;
    const scheme = at(`securitySchemes.${key}`);
    changes.push(...describedAt(scheme, was, is));
    if (!isDeepStrictEqual({ ...was, description: '' }, { ...is, description: '' })) {
      changes.push(changeAt(scheme, 'changed', `The security scheme ${key} changed.`, UNDECIDED));
    }
  }
  return changes;
}

/** The version of a live document follows from the revision and from the other changes. */
function infoOf({ info }: Document): object {
  return { ...info, version: info['x-ihf-revision'] === undefined ? info.version : '' };
}

function serverUrls(document: Document): string[] {
  // A live document has the URL of its installation, which is no part of the contract.
  if (document.info['x-ihf-revision'] !== undefined) return [];
  return ((document.servers ?? []) as { url: string }[]).map(({ url }) => url);
}

function securitySchemes(document: Document): Record<string, object> | undefined {
  return (document.components as { securitySchemes?: Record<string, object> }).securitySchemes;
}
