// Only the text between the two region lines becomes part of the rendered client.
import type { RequestBody } from './request-body.ts';

//#region rendered
/** A request that is about to be sent, without the Authorization header of the client's credentials. */
export interface IhfRequest {
  readonly method: string;
  readonly url: string;
  /** By lower-case name. */
  readonly headers: Record<string, string>;
  readonly body: RequestBody | null;
}

/** A response, before it is parsed. */
export interface IhfResponse {
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
  readonly body: string;
}

/** Called before each attempt; may change the headers. */
export type RequestHook = (request: IhfRequest) => void | Promise<void>;

/** Called with each response, including error responses. */
export type ResponseHook = (response: IhfResponse, request: IhfRequest) => void | Promise<void>;

/** Called before the delay of each retry, with the error of the failed attempt. Retries are counted from 1. */
export type RetryHook = (
  error: unknown,
  retry: { readonly retry: number; readonly delayMs: number },
  request: IhfRequest,
) => void;

/** Called once when a call fails, with the error that it throws. */
export type ErrorHook = (error: unknown, request: IhfRequest) => void;
//#endregion
