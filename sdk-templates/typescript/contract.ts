// The contract types that the runtime uses, so that it can be type-checked and tested on its own.
// In the rendered client the complete types replace these.

export const CONTRACT_REVISION = 1;

export const DEFAULT_BASE_URL: string = 'http://127.0.0.1:3000';

export interface ValidationIssue {
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
  errors?: ValidationIssue[] | undefined;
  [key: string]: unknown;
}

export interface WebhookMessage {
  type: string;
  timestamp: string;
  data: unknown;
}
