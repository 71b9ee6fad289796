import type { CheckedNode, RegistryCheck, RequestPart } from '../../codegen/registry-checks.ts';
import { retiredValueIssue, type ValidationIssue } from '../errors.ts';
import type { RegistryValueState } from '../store/contract/revisions.ts';
import type { BranchMatcher } from './branch-matcher.ts';
import type { LiveContract, Snapshot } from './live-contract.ts';
import { NearestValues } from './nearest-value.ts';

/** The parts of a request that can contain registry values. */
export type RegistryValueInput = { readonly [Part in RequestPart]: unknown } & {
  /**
   * Whether the store checks for retired values in the body instead: an update may send the value that is stored already,
   * and a repeated request with an Idempotency-Key may have a stored response.
   */
  readonly deferRetired: boolean;
};

const MAX_QUOTED_LENGTH = 80;

/**
 * Validates the registry values of a request: unknown and retired values are issues. A node that does not know a value
 * reads the registries from the database before it rejects the value.
 */
export async function validateRegistryValues(
  contract: LiveContract,
  checks: readonly RegistryCheck[],
  matches: BranchMatcher,
  input: RegistryValueInput,
): Promise<ValidationIssue[]> {
  const issues = findIssues(contract.current, checks, matches, input);
  if (!issues.some(({ code }) => code === 'unknown_value')) return issues;
  await contract.catchUp();
  return findIssues(contract.current, checks, matches, input);
}

function findIssues(
  snapshot: Snapshot,
  checks: readonly RegistryCheck[],
  matches: BranchMatcher,
  input: RegistryValueInput,
): ValidationIssue[] {
  const nearest = new NearestValues();
  return checks.flatMap(({ in: part, name, separator, node }) => {
    const isBody = name === undefined;
    const locate = (at: string) => (isBody ? { pointer: `#${at}` } : { parameter: at.slice(1) });
    const visit = (each: CheckedNode, value: unknown, at: string): ValidationIssue[] => {
      const issues: ValidationIssue[] = [];
      if (each.registry && typeof value === 'string') {
        const known = snapshot.values.get(each.registry.name) ?? new Map();
        const issue = issueOf(known, each.registry, value, locate(at), input.deferRetired, nearest);
        if (issue) issues.push(issue);
      }
      for (const [child, item, place] of childrenOf(each, value)) issues.push(...visit(child, item, `${at}/${place}`));
      for (const every of each.all) issues.push(...visit(every, value, at));
      for (const branches of each.choices) {
        // No branch accepts the value: then its shape is wrong, which is reported without this.
        const accepting = branches.filter(({ schema }) => matches(schema, value));
        const found = accepting.map(({ node: branch }) => (branch ? visit(branch, value, at) : []));
        issues.push(...(found.sort((a, b) => a.length - b.length)[0] ?? []));
      }
      return issues;
    };
    if (isBody) return visit(node, input.body, '');
    const value = (input[part] as Record<string, unknown> | undefined)?.[name];
    return visit(node, isListOf(node) && typeof value === 'string' ? value.split(separator ?? ',') : value, `/${name}`);
  });
}

function isListOf({ items, prefix, all }: CheckedNode): boolean {
  return items !== undefined || prefix.length > 0 || all.some(isListOf);
}

/** The parts of an object or array that can contain registry values, each with its place. */
function* childrenOf(node: CheckedNode, value: unknown): Generator<[CheckedNode, unknown, string | number]> {
  if (Array.isArray(value)) {
    if (!node.items && node.prefix.length === 0) return;
    for (const [index, item] of value.entries()) {
      const child = index < node.prefix.length ? node.prefix[index] : node.items;
      if (child) yield [child, item, index];
    }
    return;
  }
  if (value === null || typeof value !== 'object') return;
  const object = value as Record<string, unknown>;
  for (const [name, child] of node.properties) {
    if (Object.hasOwn(object, name)) yield [child, object[name], escaped(name)];
  }
  if (node.patterns.length === 0 && !node.additional) return;
  for (const [name, item] of Object.entries(object)) {
    const patterns = node.patterns.filter(([pattern]) => pattern.test(name));
    for (const [, child] of patterns) yield [child, item, escaped(name)];
    if (node.additional && patterns.length === 0 && !node.properties.has(name)) {
      yield [node.additional, item, escaped(name)];
    }
  }
}

/** A name in a JSON Pointer (RFC 6901, section 3). */
function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function issueOf(
  known: ReadonlyMap<string, RegistryValueState>,
  { name: registry, open }: { name: string; open: boolean },
  value: string,
  location: Pick<ValidationIssue, 'pointer' | 'parameter'>,
  deferRetired: boolean,
  nearest: NearestValues,
): ValidationIssue | undefined {
  const state = known.get(value);
  if (state && (open || deferRetired || state.status !== 'retired')) return undefined;
  if (state) return retiredValueIssue(location, registry, value, state.replaced_by);
  const suggestion = nearest.find(known, value, open);
  const quoted = value.length > MAX_QUOTED_LENGTH ? `${value.slice(0, MAX_QUOTED_LENGTH)}…` : value;
  const remedy = suggestion ? `Did you mean '${suggestion}'?` : `GET /api/v2/registries/${registry}/values lists them.`;
  return {
    ...location,
    code: 'unknown_value',
    detail: `'${quoted}' is not a value of ${registry}. ${remedy}`,
    ...(suggestion && { suggestion }),
  };
}
