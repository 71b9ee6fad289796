import { closestMatch } from 'leven';
import type { RegistryValueState } from '../store/contract/revisions.ts';

/** Maximum edit distance of a suggestion: a typing error, and not a different value. */
const MAX_DISTANCE = 3;
/** Registry value names have at most 63 characters. */
const MAX_NAME_LENGTH = 63;
/** Comparisons for one request, some 6 µs each. Values beyond the budget get no suggestion. */
const MAX_COMPARISONS = 10_000;

type RegistryValues = ReadonlyMap<string, RegistryValueState>;

/** Finds the accepted values that mistyped ones are nearest to: once per distinct value, within a budget per request. */
export class NearestValues {
  #comparisons = MAX_COMPARISONS;
  readonly #found = new Map<RegistryValues, Map<string, string | undefined>>();

  /** @param open whether retired values can be suggested too. */
  find(values: RegistryValues, value: string, open: boolean): string | undefined {
    // A longer value cannot be near any name, and comparing it would cost time that grows with its length.
    if (value.length > MAX_NAME_LENGTH + MAX_DISTANCE) return undefined;
    const found = this.#found.get(values) ?? new Map<string, string | undefined>();
    this.#found.set(values, found);
    if (!found.has(value)) found.set(value, this.#search(values, value, open));
    return found.get(value);
  }

  #search(values: RegistryValues, value: string, open: boolean): string | undefined {
    if (this.#comparisons <= 0) return undefined;
    const candidates: string[] = [];
    for (const { name, status } of values.values()) {
      if (Math.abs(name.length - value.length) > MAX_DISTANCE || (!open && status === 'retired')) continue;
      candidates.push(name);
      if (candidates.length >= this.#comparisons) break;
    }
    // Reading the candidates costs time too, if less than comparing them.
    this.#comparisons -= candidates.length + Math.ceil(values.size / 100);
    return closestMatch(value.toLowerCase(), candidates, { maxDistance: MAX_DISTANCE });
  }
}
