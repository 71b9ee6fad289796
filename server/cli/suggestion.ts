import { closestMatch } from 'leven';

/** ` Did you mean 'keys'?` for a mistyped name that is near a known one, or nothing. */
export function suggestion(name: string, known: readonly string[]): string {
  const maxDistance = Math.max(2, Math.floor(name.length / 3));
  const nearest = closestMatch(name, known, { maxDistance });
  return nearest === undefined ? '' : ` Did you mean '${nearest}'?`;
}
