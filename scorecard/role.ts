import { APPEND_ONLY } from './append-only.ts';
import type { Role } from './catalogue.ts';
import type { CheckResult } from './check-result.ts';

/** Privileges that would let the role bypass the triggers. */
const FOR_OWNERS = /^(truncate|references|trigger|create) on /;

/** The server's role owns nothing and cannot change the schema or append-only rows. */
export function checkRole({ powers, grants }: Role): CheckResult {
  const rewrites = new RegExp(`^(update|delete) on (${Object.keys(APPEND_ONLY).join('|')})$`);
  const violations = [...powers, ...grants.filter((grant) => FOR_OWNERS.test(grant) || rewrites.test(grant))];
  return {
    evidence: 'read from the catalogue: ownership, attributes, memberships, privileges',
    violations: violations.map((violation) => `ihf_app: ${violation}`),
  };
}
