import type { ErrorRequestHandler, Request, Response } from 'express';
import { IhfError } from '../../errors.ts';
import { bodyError } from '../../http/body-errors.ts';
import { toProblem } from '../../http/problem.ts';
import { contextOf, requiredContext } from '../../http/request-context.ts';
import type { AdminServices, Page, PageRequest, PageResponse } from '../core/page.ts';
import type { FieldError } from '../forms/form-page.ts';
import { clearCookie, formToken, readCookie, writeCookie } from './cookies.ts';
import { layoutView } from './layout.ts';
import { isHttps, readQuery } from './page-request.ts';
import type { Render } from './render.ts';

/** Writes page responses to HTTP. */
export interface ResponseWriter {
  send(request: Request, response: Response, pageRequest: PageRequest, pageResponse: PageResponse): void;
  /** Shows every error as a page. The page of an unexpected error contains no details of it. */
  errors(report: (error: unknown, requestId: string) => void): ErrorRequestHandler;
}

/** The validation issues by field, to be shown beside the fields. */
function errorsByField({ errors = [] }: { errors?: readonly FieldError[] }): Record<string, string> {
  return Object.fromEntries(errors.flatMap(({ field, detail }) => (field ? [[field, detail]] : [])));
}

export function responseWriter(context: AdminServices, render: Render): ResponseWriter {
  const secure = (response: Response) => isHttps(requiredContext(response, 'source').publicUrl);

  function sendPage(request: Request, response: Response, { page, title, view, status = 200 }: Page, cookie?: string) {
    const layout = layoutView({
      title,
      path: request.originalUrl.split('?', 1)[0] ?? '',
      operator: contextOf(response).operator?.name,
      token: cookie && formToken(cookie),
      revision: context.contract.current.revision,
      done: readQuery(request).get('done'),
    });
    response
      .status(status)
      .type('html')
      .send(render(page, { ...layout, ...view, fieldErrors: errorsByField(view) }));
  }

  return {
    send(request, response, { cookie: sessionToken }, pageResponse) {
      if ('page' in pageResponse) {
        // The sign-in form needs a cookie for its token. Public pages have no form and set none.
        const isNew = readCookie(request.headers.cookie, secure(response)) === undefined;
        if (isNew && request.path.startsWith('/admin'))
          response.append('Set-Cookie', writeCookie(sessionToken, secure(response)));
        return sendPage(request, response, pageResponse, sessionToken);
      }
      const { cookie, redirect } = pageResponse;
      if (cookie) response.append('Set-Cookie', writeCookie(cookie, secure(response)));
      else if (cookie === '') response.append('Set-Cookie', clearCookie(secure(response)));
      // 303 makes the browser follow with GET after a POST (RFC 9110, section 15.4.4).
      response.redirect(303, redirect);
    },

    errors: (report) => (thrown, request, response, next) => {
      if (response.headersSent) return next(thrown);
      const error = bodyError(thrown);
      const { requestId = '' } = contextOf(response);
      const { status, title, detail } = toProblem(error);
      if (status === 500) report(error, requestId);
      if (error instanceof IhfError) response.set(error.headers);
      const view = {
        detail: detail ?? 'See the server log for details.',
        requestId: status === 500 && requestId,
      };
      const cookie = readCookie(request.headers.cookie, secure(response));
      sendPage(request, response, { page: 'error', title, view, status }, cookie);
    },
  };
}
