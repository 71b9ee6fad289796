import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Document, Schema } from '../../codegen/document.ts';
import type { CheckedNode, RegistryCheck } from '../../codegen/registry-checks.ts';

/** Whether a value has the shape of a branch of an `anyOf` or `oneOf`. Registry values are any string. */
export type BranchMatcher = (branch: Schema, value: unknown) => boolean;

/** Compiles the branches of all checks, once when the server starts. */
export function branchMatcher(document: Document, checks: Iterable<readonly RegistryCheck[]>): BranchMatcher {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: 'contract', components: document.components });
  const compiled = new Map<Schema, ValidateFunction>();
  for (const branch of branchesOf([...checks].flat())) compiled.set(branch, ajv.compile(absolute(branch) as Schema));
  return (branch, value) => compiled.get(branch)?.(value) === true;
}

function branchesOf(checks: readonly RegistryCheck[]): Set<Schema> {
  const branches = new Set<Schema>();
  const seen = new Set<CheckedNode>();
  const pending = checks.map(({ node }) => node);
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    const { properties, patterns, additional, prefix, items, all, choices } = node;
    const children = [
      ...properties.values(),
      ...patterns.map(([, child]) => child),
      additional,
      ...prefix,
      items,
      ...all,
    ];
    for (const branch of choices.flat()) {
      branches.add(branch.schema);
      children.push(branch.node);
    }
    pending.push(...children.filter((child) => child !== undefined));
  }
  return branches;
}

/** The schema with its references leading into the document. */
function absolute(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(absolute);
  if (part === null || typeof part !== 'object') return part;
  const entries = Object.entries(part).map(([key, child]) =>
    key === '$ref' && typeof child === 'string' ? [key, `contract${child}`] : [key, absolute(child)],
  );
  return Object.fromEntries(entries);
}
