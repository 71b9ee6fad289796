import type { Request } from 'express';
import { newOperatorToken } from '../../credentials.ts';
import { IhfError } from '../../errors.ts';
import type { RequestSource } from '../../http/request-source.ts';
import type { PageRequest } from '../core/page.ts';
import { formToken, readCookie } from './cookies.ts';
import { isSameOrigin, isSameToken } from './origin.ts';

/** @throws IhfError insufficient_scope if a POST does not come from a form of this server in this browser. */
export function readPageRequest(request: Request, { publicUrl, host, network }: RequestSource): PageRequest {
  const cookie = readCookie(request.headers.cookie, isHttps(publicUrl)) ?? newOperatorToken();
  const form = new URLSearchParams(typeof request.body === 'string' ? request.body : '');
  if (request.method !== 'GET' && !isOwnForm(request, { publicUrl, host }, form.get('token') ?? '', cookie)) {
    throw new IhfError('insufficient_scope', 'This form has expired. Reload the page and try again.');
  }
  return {
    params: request.params as Record<string, string>,
    query: readQuery(request),
    form,
    ip: network,
    cookie,
  };
}

export function readQuery(request: Request): URLSearchParams {
  return new URLSearchParams(request.originalUrl.split('?').slice(1).join('?'));
}

export function isHttps(publicUrl: string): boolean {
  return publicUrl.startsWith('https:');
}

function isOwnForm(
  request: Request,
  { publicUrl, host }: Pick<RequestSource, 'publicUrl' | 'host'>,
  token: string,
  cookie: string,
): boolean {
  const { origin, 'sec-fetch-site': site } = request.headers;
  const sender = { origin, host, site: site as string | undefined };
  return isSameOrigin(sender, publicUrl) && isSameToken(token, formToken(cookie));
}
