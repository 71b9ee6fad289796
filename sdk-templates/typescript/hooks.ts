// Only what stands between the two region lines is put into the rendered client.

//#region rendered
/** A request as it is about to be sent, but for what proves who calls. */
export interface IhfRequest {
  readonly method: string;
  readonly url: string;
  /** By name in lower case. */
  readonly headers: Record<string, string>;
  readonly body: string | null;
}

/** An answer as it came. */
export interface IhfResponse {
  readonly status: number;
  readonly reason: string;
  readonly headers: Headers;
  readonly body: string;
}

/** Called before every try; may change the headers. */
export type RequestHook = (request: IhfRequest) => void | Promise<void>;

/** Called with every answer, also with one that becomes an error. */
export type ResponseHook = (response: IhfResponse, request: IhfRequest) => void | Promise<void>;
//#endregion
