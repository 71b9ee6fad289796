// What the runtime reads of the contract's own types, so that it can be type-checked and tested by itself.
// The rendered client has the full ones in their place.
import { IhfApiError } from './errors.ts';

export const CONTRACT_REVISION = 1;

export class ContentTooLargeError extends IhfApiError {}
export class IdempotencyInFlightError extends IhfApiError {}

export interface Failure {
  pointer?: string | undefined;
  parameter?: string | undefined;
  code: string;
  detail: string;
}

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string | undefined;
  request_id?: string | undefined;
  errors?: Failure[] | undefined;
  [key: string]: unknown;
}

export interface WebhookMessage {
  type: string;
  timestamp: string;
  data: unknown;
}
