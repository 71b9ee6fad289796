import type { ServerResponse } from 'node:http';
import type { Admission } from '../store/access/admissions.ts';
import type { InstallationKey } from '../store/access/installation-keys.ts';
import type { SignedIn } from '../store/operators/sessions.ts';
import type { Problem } from './problem.ts';
import type { ApiRequest, ApiResponse, Route } from './request.ts';
import type { RequestSource } from './request-source.ts';

/**
 * What is known about a request so far. Each step sets what it finds out; later steps and the request recorder read it.
 * A request that fails early leaves the rest undefined.
 */
export interface RequestContext {
  requestId?: string;
  source?: RequestSource;
  /** Whether the request is processed however busy the node is. */
  isExempt?: boolean;
  /** Whether the request has no credential, and is not the preflight of a browser. */
  isAnonymous?: boolean;
  route?: Route;
  /** Time of the monotonic clock at which the credential was checked, if the operation requires one. */
  authenticatedAt?: number;
  /** Undefined for a public operation too. */
  caller?: Admission | undefined;
  /** The key of a request to an operation of the installation, which has no caller. */
  installationKey?: InstallationKey;
  /** The consumer that authenticated as an OAuth 2.0 client. */
  client?: { consumer_id: string };
  /** The operator that is signed in to the dashboard. */
  operator?: SignedIn | undefined;
  /** Counts further bytes of the request body among those in flight. Throws beyond the limit. */
  countBodyBytes?: (bytes: number) => void;
  apiRequest?: ApiRequest;
  apiResponse?: ApiResponse;
  /** Whether the response was sent because the database had not responded in time, while steps were still running. */
  isOverdue?: boolean;
  /** The problem document that was sent. */
  problem?: Problem;
  /** Whether the request is counted in the metrics only: one of very many anonymous ones. */
  isUnlogged?: boolean;
  /** Whether the request is left out of the request log and the metrics. */
  skipLog?: boolean;
}

const CONTEXT = Symbol('request context');

/** The context of the request that this response belongs to. */
export function contextOf(response: ServerResponse & { [CONTEXT]?: RequestContext }): RequestContext {
  response[CONTEXT] ??= {};
  return response[CONTEXT];
}

/**
 * A field of the context that an earlier step must have set.
 * @throws Error if the steps are in the wrong order.
 */
export function requiredContext<K extends keyof RequestContext>(
  response: ServerResponse,
  field: K,
): NonNullable<RequestContext[K]> {
  const value = contextOf(response)[field];
  if (value === undefined || value === null)
    throw new Error(`No earlier step has set '${field}' of the request context`);
  return value;
}
