import type { OperationEntry, OperationId } from '../../generated/operations.ts';
import type { ValidationIssue } from '../errors.ts';
import type { Admission } from '../store/access/admissions.ts';

/** A request as the pipeline's steps and the handlers see it: no Express, nothing of HTTP's machinery. */
export interface ApiRequest {
  requestId: string;
  method: string;
  /** The path as sent, without the query. */
  path: string;
  operationId: OperationId;
  operation: OperationEntry;
  /** Who calls; undefined where the operation is public. */
  caller: Admission | undefined;
  params: Record<string, unknown>;
  query: Record<string, unknown>;
  headers: Record<string, string | string[] | undefined>;
  body: unknown;
  /** The failures of single items of the body, by their place, where the operation answers item by item. */
  itemFailures: ReadonlyMap<number, ValidationIssue[]>;
}

/** An answer. A body is sent as JSON, or as it stands when its bytes were made before. */
export interface ApiResponse {
  status: number;
  headers?: Record<string, string> | undefined;
  body?: unknown;
}
