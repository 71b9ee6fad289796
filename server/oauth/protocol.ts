import type { ErrorCode } from '../errors.ts';

/** The error codes of RFC 6749, section 5.2, and one for a server or client limit. */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'temporarily_unavailable';

/** An error of an OAuth endpoint. Its response follows RFC 6749 and is not a problem document. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly code: OAuthErrorCode;
  readonly status: number;
  readonly headers: Record<string, string>;

  /** @param description in the characters that `printable` leaves. */
  constructor(code: OAuthErrorCode, description: string, status = 400, headers: Record<string, string> = {}) {
    super(description);
    this.code = code;
    this.status = status;
    this.headers = headers;
  }
}

/** The error code under which the request log records an OAuth error. */
export const ERROR_CODES: Readonly<Record<OAuthErrorCode, ErrorCode>> = {
  invalid_request: 'malformed_request',
  invalid_client: 'unauthenticated',
  unauthorized_client: 'insufficient_scope',
  unsupported_grant_type: 'invalid_request',
  invalid_scope: 'insufficient_scope',
  temporarily_unavailable: 'too_many_requests',
};

/** A request to an OAuth endpoint. */
export interface OAuthRequest {
  contentType: string | undefined;
  authorization: string | undefined;
  /** The body as sent. */
  body: string;
  /** The IP address of the client, or its IPv6 network. */
  ip: string;
}

export type Form = ReadonlyMap<string, string>;

/**
 * The parameters of a form (RFC 6749, section 3.2 and appendix B).
 * @throws OAuthError invalid_request if the body is not a form or repeats a parameter.
 */
export function readForm({ contentType, body }: Pick<OAuthRequest, 'contentType' | 'body'>): Form {
  const essence = contentType?.split(';')[0]?.trim().toLowerCase();
  if (essence !== 'application/x-www-form-urlencoded') {
    throw new OAuthError('invalid_request', 'Content-Type must be application/x-www-form-urlencoded');
  }
  const form = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(body)) {
    if (form.has(name)) throw new OAuthError('invalid_request', `${printable(name)} must not be repeated`);
    form.set(name, value);
  }
  // A parameter without a value is treated as omitted.
  return new Map([...form].filter(([, value]) => value !== ''));
}

/** Replaces the characters that RFC 6749 does not allow in an `error_description`. */
export function printable(text: string): string {
  return text.slice(0, 200).replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?');
}
