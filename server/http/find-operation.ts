import type { RequestHandler } from 'express';
import { OPERATIONS, type OperationId } from '../../generated/operations.ts';
import { IhfError } from '../errors.ts';
import type { Route } from './request.ts';
import { contextOf } from './request-context.ts';

/** Finds the operation of the contract that the request calls. */
export function findOperation(): RequestHandler {
  return (request, response, next) => {
    contextOf(response).route = findRoute(request.method, request.path);
    next();
  };
}

interface PathNode {
  literals: Map<string, PathNode>;
  parameter?: PathNode;
  /** By method. */
  routes: Map<string, Route>;
}

const newNode = (): PathNode => ({ literals: new Map(), routes: new Map() });

/** The paths of the contract as a tree of their segments: a lookup takes as many steps as the path has segments. */
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
  node.routes.set(operation.method.toUpperCase(), { operationId: operationId as OperationId, operation });
}

/** Whether requests to a path are authenticated by their Authorization header, or by a form as OAuth 2.0 clients may. */
export function needsCredential(method: string, path: string): boolean {
  if (path.startsWith('/api/v2/token')) return true;
  try {
    return findRoute(method, path).operation.scopes !== undefined;
  } catch {
    return false;
  }
}

/**
 * The operation of a method and path.
 * @throws IhfError not_found for an unknown path, method_not_allowed for a method that the path does not have.
 */
export function findRoute(method: string, path: string): Route {
  let node: PathNode | undefined = ROOT;
  for (const segment of path.split('/')) {
    node = node.literals.get(segment) ?? (segment === '' ? undefined : node.parameter);
    if (!node) break;
  }
  if (!node || node.routes.size === 0) {
    throw new IhfError('not_found', 'No such path. See /api/v2/openapi.json for all operations.');
  }
  const route = node.routes.get(method);
  if (route) return route;
  const allow = [...node.routes.keys()].sort().join(', ');
  throw new IhfError('method_not_allowed', `Allowed methods: ${allow}.`, { headers: { Allow: allow } });
}
