import { IhfError } from '../../errors.ts';

const REALM = 'Bearer realm="ihf"';

/** The error of a request without credentials. @param remedy what to send. */
export function missingCredential(remedy: string): IhfError {
  return new IhfError('unauthenticated', `Authentication is required. ${remedy}`, {
    headers: { 'WWW-Authenticate': REALM },
  });
}

/** @param detail in the characters that RFC 6750, section 3, allows for an `error_description`. */
export function invalidToken(detail: string): IhfError {
  const challenge = `${REALM}, error="invalid_token", error_description="${detail}"`;
  return new IhfError('unauthenticated', detail, { headers: { 'WWW-Authenticate': challenge } });
}

/** The credential of an Authorization header (RFC 6750, section 2.1); empty if it has another form. */
export function bearerCredential(authorization: string): string {
  return /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
}
