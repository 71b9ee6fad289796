import { isDeepStrictEqual } from 'node:util';
import type { Document } from '../document.ts';
import { type Change, changeAt, describedAt, NARROWER, type Place, pairs, UNDECIDED } from './change.ts';
import type { Sides } from './schemas.ts';

const INFO = ['title', 'version', 'summary', 'description', 'contact', 'license'];

/** What belongs to no operation: what the document says of itself, where the hub is, how callers identify themselves. */
export function diffDocumentInfo({ from, to }: Sides): Change[] {
  const at = (subject: string): Place => ({ subject, requests: true, responses: true });
  const changes = describedAt(at('info'), from.info, to.info, INFO);
  if (!isDeepStrictEqual(from.tags, to.tags)) {
    changes.push(changeAt(at('tags'), 'described', 'The tags or their descriptions changed.'));
  }
  if (!isDeepStrictEqual(addresses(from), addresses(to))) {
    changes.push(changeAt(at('servers'), 'changed', 'The hub has other addresses.', NARROWER));
  } else if (!isDeepStrictEqual(from.servers, to.servers)) {
    changes.push(changeAt(at('servers'), 'described', "The descriptions of the hub's addresses changed."));
  }
  for (const { key, was, is } of pairs(schemes(from), schemes(to))) {
    // Where a scheme comes or goes, the operations that ask for it say so.
    if (!was || !is) continue;
    const scheme = at(`securitySchemes.${key}`);
    changes.push(...describedAt(scheme, was, is));
    if (!isDeepStrictEqual({ ...was, description: '' }, { ...is, description: '' })) {
      changes.push(changeAt(scheme, 'changed', `Callers identify themselves in another way by ${key}.`, UNDECIDED));
    }
  }
  return changes;
}

function addresses(document: Document): string[] {
  return ((document.servers ?? []) as { url: string }[]).map(({ url }) => url);
}

function schemes(document: Document): Record<string, object> | undefined {
  return (document.components as { securitySchemes?: Record<string, object> }).securitySchemes;
}
