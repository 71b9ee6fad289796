import { closestMatch } from 'leven';
import type { RegistryField } from '../../codegen/registry-fields.ts';
import { retiredValueIssue, type ValidationIssue } from '../errors.ts';
import type { RegistryValueState } from '../store/contract/revisions.ts';
import type { LiveContract, Snapshot } from './live-contract.ts';

/** The parts of a request that can hold words. */
export interface RegistryValueInput {
  /**
   * Whether the store tells of retired words in the body: in a change one may be the value that is there already, and
   * a repeated creation may have a stored answer from before.
   */
  deferRetired: boolean;
  body: unknown;
  query: Record<string, unknown>;
}

/** A typing error is near; a word that is farther away is another word. */
const NEAR = 3;

/**
 * Checks the registry words of a request: unknown and retired ones are failures. A node that does not know a word yet
 * catches up before it says so.
 */
export async function validateRegistryValues(
  contract: LiveContract,
  places: readonly RegistryField[],
  wording: RegistryValueInput,
): Promise<ValidationIssue[]> {
  const failures = failuresOf(contract.current, places, wording);
  if (!failures.some(({ code }) => code === 'unknown_value')) return failures;
  await contract.catchUp();
  return failuresOf(contract.current, places, wording);
}

function failuresOf(
  snapshot: Snapshot,
  places: readonly RegistryField[],
  wording: RegistryValueInput,
): ValidationIssue[] {
  const failures: ValidationIssue[] = [];
  for (const place of places) {
    const words = snapshot.values[place.registry as keyof Snapshot['values']];
    const root = place.in === 'body' ? wording.body : wording.query;
    visit(root, place.path, '', (value, path) => {
      const at = place.in === 'body' ? { pointer: `#${path}` } : { parameter: path.slice(1) };
      const failure = failureOf(words, place, value, at, wording.deferRetired);
      if (failure) failures.push(failure);
    });
  }
  return failures;
}

function visit(value: unknown, path: readonly string[], at: string, found: (value: string, at: string) => void): void {
  const [step, ...rest] = path;
  if (step === undefined) {
    if (typeof value === 'string') found(value, at);
  } else if (step === '*') {
    if (Array.isArray(value)) value.forEach((item, index) => void visit(item, rest, `${at}/${index}`, found));
  } else if (value !== null && typeof value === 'object') {
    visit((value as Record<string, unknown>)[step], rest, `${at}/${step}`, found);
  }
}

function failureOf(
  words: ReadonlyMap<string, RegistryValueState>,
  { registry, open }: RegistryField,
  value: string,
  at: Pick<ValidationIssue, 'pointer' | 'parameter'>,
  storeTells: boolean,
): ValidationIssue | undefined {
  const word = words.get(value);
  if (word && (open || storeTells || word.status !== 'retired')) return undefined;
  if (word) return retiredValueIssue(at, registry, value, word.replaced_by);
  const suggestion = nearest(words, value, open);
  const shown = value.length > 80 ? `${value.slice(0, 80)}…` : value;
  const remedy = suggestion ? `Did you mean '${suggestion}'?` : `GET /api/v2/registries/${registry}/values lists them.`;
  return {
    ...at,
    code: 'unknown_value',
    detail: `'${shown}' is not a value of ${registry}. ${remedy}`,
    ...(suggestion && { suggestion }),
  };
}

function nearest(words: ReadonlyMap<string, RegistryValueState>, value: string, open: boolean): string | undefined {
  // Longer than any name can be, so that no request can buy a long comparison.
  if (value.length > 63 + NEAR) return undefined;
  const usable = [...words.values()].filter((word) => open || word.status !== 'retired').map((word) => word.name);
  return closestMatch(value.toLowerCase(), usable, { maxDistance: NEAR });
}
