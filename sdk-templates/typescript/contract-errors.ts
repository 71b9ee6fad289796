// The error classes of the contract that the runtime uses. In the rendered client the complete classes replace these.
import { IhfApiError } from './api-error.ts';

export class ContentTooLargeError extends IhfApiError {}
export class IdempotencyInFlightError extends IhfApiError {}
