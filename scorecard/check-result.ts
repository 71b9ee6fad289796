/** The result of a check. */
export interface CheckResult {
  /** What was checked, with counts. Written to the scorecard, so it must not change from run to run. */
  evidence: string;
  /** One line per violation; empty if the claim holds. */
  violations: string[];
}

/** A claim about the repository or the database, with the result of its check. */
export interface ScorecardRow extends CheckResult {
  claim: string;
}

/** `1 table`, `2 tables`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
