import type { Request } from 'express';
import { IhfError } from '../errors.ts';
import { newToken } from '../store/operators/operators.ts';
import { formToken, readCookie } from './cookies.ts';
import { isOwnPage, isSame } from './origin.ts';
import type { PageRequest } from './page.ts';

/**
 * What a request asks of a page.
 * @throws IhfError insufficient_scope if it would change something and none of our own forms sent it.
 */
export function readPageRequest(request: Request, publicUrl: string): PageRequest {
  const cookie = readCookie(request.headers.cookie, isHttps(publicUrl)) ?? newToken();
  const form = new URLSearchParams(typeof request.body === 'string' ? request.body : '');
  if (request.method !== 'GET' && !isOurs(request, publicUrl, form.get('token') ?? '', cookie)) {
    throw new IhfError(
      'insufficient_scope',
      'No page of this hub that is open now sent this. Reload it and try again.',
    );
  }
  return {
    params: request.params as Record<string, string>,
    query: queryOf(request),
    form,
    address: request.socket.remoteAddress ?? '',
    cookie,
  };
}

export function queryOf(request: Request): URLSearchParams {
  return new URL(request.originalUrl, 'http://hub').searchParams;
}

export function isHttps(publicUrl: string): boolean {
  return publicUrl.startsWith('https:');
}

function isOurs(request: Request, publicUrl: string, token: string, cookie: string): boolean {
  const { origin, host, 'sec-fetch-site': site } = request.headers;
  const sender = { origin, host, site: site as string | undefined };
  return isOwnPage(sender, publicUrl) && isSame(token, formToken(cookie));
}
