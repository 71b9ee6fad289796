import type { ErrorCode } from '../errors.ts';

/** The error codes of RFC 6749, section 5.2, and one for clients that must slow down. */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'temporarily_unavailable';

/** An error of an OAuth endpoint, which answers as RFC 6749 says and not with a problem document. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly code: OAuthErrorCode;
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(code: OAuthErrorCode, description: string, status = 400, headers: Record<string, string> = {}) {
    super(description);
    this.code = code;
    this.status = status;
    this.headers = headers;
  }
}

/** What each of them is in the domain's words, in which the log of requests is kept. */
export const KINDS: Readonly<Record<OAuthErrorCode, ErrorCode>> = {
  invalid_request: 'malformed_request',
  invalid_client: 'unauthenticated',
  unauthorized_client: 'insufficient_scope',
  unsupported_grant_type: 'invalid_request',
  invalid_scope: 'insufficient_scope',
  temporarily_unavailable: 'too_many_requests',
};

/** What an OAuth endpoint is given. */
export interface OAuthRequest {
  contentType: string | undefined;
  authorization: string | undefined;
  /** The body as sent. */
  body: string;
  /** The caller's network address. */
  address: string;
}

export type Form = ReadonlyMap<string, string>;

/**
 * The parameters of a form (RFC 6749, section 3.2 and appendix B).
 * @throws OAuthError invalid_request if it is no form, or a parameter is repeated.
 */
export function readForm({ contentType, body }: Pick<OAuthRequest, 'contentType' | 'body'>): Form {
  const essence = contentType?.split(';')[0]?.trim().toLowerCase();
  if (essence !== 'application/x-www-form-urlencoded') {
    throw new OAuthError('invalid_request', 'The body must be application/x-www-form-urlencoded');
  }
  const form = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(body)) {
    if (form.has(name)) throw new OAuthError('invalid_request', `The parameter ${printable(name)} is repeated`);
    form.set(name, value);
  }
  // A parameter without a value is treated as if it were left out.
  return new Map([...form].filter(([, value]) => value !== ''));
}

/** RFC 6749 allows these characters alone in a description. */
export function printable(text: string): string {
  return text.slice(0, 60).replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?');
}
