import type { OperationEntry, OperationId } from '../../generated/operations.ts';
import type { IhfError } from '../errors.ts';
import type { Admission } from '../store/access/admissions.ts';

/** The operation that a request calls. */
export interface Route {
  operationId: OperationId;
  operation: OperationEntry;
}

/** A validated request without Express: the input of a handler. */
export interface ApiRequest extends Route {
  requestId: string;
  method: string;
  /** The path as sent, without the query. */
  path: string;
  /** Undefined for a public operation. */
  caller: Admission | undefined;
  params: Record<string, unknown>;
  query: Record<string, unknown>;
  headers: Record<string, string | string[] | undefined>;
  body: unknown;
  /** The validation issues of single items by their index, for an operation that reports a result per item. */
  itemErrors: ReadonlyMap<number, IhfError>;
}

/** The result of a handler. The body is sent as JSON, or unchanged if it is encoded already (`Encoded`). */
export interface ApiResponse {
  status: number;
  headers?: Record<string, string> | undefined;
  body?: unknown;
}
