/** What a check found: evidence that holds for a while, and what speaks against its claim. */
export interface CheckResult {
  evidence: string;
  /** Empty where the claim holds. */
  violations: string[];
}

/** A claim about the tree or the database with what was found. */
export interface ScorecardRow extends CheckResult {
  claim: string;
}

/** `1 table`, `2 tables`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
