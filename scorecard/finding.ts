/** What a check found: evidence that holds for a while, and what speaks against its claim. */
export interface Finding {
  evidence: string;
  /** Empty where the claim holds. */
  faults: string[];
}

/** A claim about the tree or the database with what was found. */
export interface Card extends Finding {
  claim: string;
}

/** `1 table`, `2 tables`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
