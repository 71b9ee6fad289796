import type { RegistryField } from '../../codegen/registry-fields.ts';
import { retiredValueIssue, type ValidationIssue } from '../errors.ts';
import type { RegistryValueState } from '../store/contract/revisions.ts';
import type { LiveContract, Snapshot } from './live-contract.ts';
import { NearestValues } from './nearest-value.ts';

/** The parts of a request that can contain registry values. */
export interface RegistryValueInput {
  /**
   * Whether the store checks for retired values in the body instead: an update may send the value that is stored already,
   * and a repeated request with an Idempotency-Key may have a stored response.
   */
  deferRetired: boolean;
  body: unknown;
  query: Record<string, unknown>;
  path: Record<string, unknown>;
}

const MAX_QUOTED_LENGTH = 80;

/**
 * Validates the registry values of a request: unknown and retired values are issues. A node that does not know a value
 * reads the registries from the database before it rejects the value.
 */
export async function validateRegistryValues(
  contract: LiveContract,
  fields: readonly RegistryField[],
  input: RegistryValueInput,
): Promise<ValidationIssue[]> {
  const issues = findIssues(contract.current, fields, input);
  if (!issues.some(({ code }) => code === 'unknown_value')) return issues;
  await contract.catchUp();
  return findIssues(contract.current, fields, input);
}

function findIssues(
  snapshot: Snapshot,
  fields: readonly RegistryField[],
  input: RegistryValueInput,
): ValidationIssue[] {
  const issues: ValidationIssue[] = [];
  const nearest = new NearestValues();
  for (const field of fields) {
    const known = snapshot.values.get(field.registry) ?? new Map();
    visit(input[field.in], field.path, '', (value, path) => {
      const location = field.in === 'body' ? { pointer: `#${path}` } : { parameter: path.slice(1) };
      const issue = issueOf(known, field, value, location, input.deferRetired, nearest);
      if (issue) issues.push(issue);
    });
  }
  return issues;
}

/** Calls `onValue` for every string at a path, in which `*` stands for every item of an array. */
function visit(node: unknown, path: readonly string[], at: string, onValue: (value: string, at: string) => void): void {
  const [step, ...rest] = path;
  if (step === undefined) {
    if (typeof node === 'string') onValue(node, at);
  } else if (step === '*') {
    if (Array.isArray(node)) node.forEach((item, index) => void visit(item, rest, `${at}/${index}`, onValue));
  } else if (node !== null && typeof node === 'object') {
    visit((node as Record<string, unknown>)[step], rest, `${at}/${step}`, onValue);
  }
}

function issueOf(
  known: ReadonlyMap<string, RegistryValueState>,
  { registry, open }: RegistryField,
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
