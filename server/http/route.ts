import { OPERATIONS, type OperationEntry, type OperationId } from '../../generated/operations.ts';
import { IhfError } from '../errors.ts';

export interface Route {
  operationId: OperationId;
  operation: OperationEntry;
}

interface Node {
  literals: Map<string, Node>;
  parameter?: Node;
  operations: Map<string, Route>;
}

const newNode = (): Node => ({ literals: new Map(), operations: new Map() });

/** The contract's paths as a tree of their segments: an operation is found in as many steps as its path has. */
const ROOT = newNode();
for (const [operationId, operation] of Object.entries(OPERATIONS)) {
  let node = ROOT;
  for (const segment of operation.path.split('/')) {
    let next = segment.startsWith('{') ? node.parameter : node.literals.get(segment);
    if (!next) {
      next = newNode();
      if (segment.startsWith('{')) node.parameter = next;
      else node.literals.set(segment, next);
    }
    node = next;
  }
  node.operations.set(operation.method.toUpperCase(), { operationId: operationId as OperationId, operation });
}

/**
 * The operation at an address.
 * @throws IhfError not_found if the contract has no such path, method_not_allowed if it has no such method there.
 */
export function findRoute(method: string, path: string): Route {
  let node: Node | undefined = ROOT;
  for (const segment of path.split('/')) {
    node = node.literals.get(segment) ?? (segment === '' ? undefined : node.parameter);
    if (!node) break;
  }
  if (!node || node.operations.size === 0) {
    throw new IhfError('not_found', 'There is nothing at this address. GET /api/v2/openapi.json lists what there is.');
  }
  const route = node.operations.get(method);
  if (route) return route;
  const allow = [...node.operations.keys()].sort().join(', ');
  throw new IhfError('method_not_allowed', `This address takes ${allow}.`, { headers: { Allow: allow } });
}
