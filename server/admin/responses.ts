import type { ErrorRequestHandler, Request, Response } from 'express';
import { toProblem } from '../http/problem.ts';
import { contextOf } from '../http/request-context.ts';
import { clearCookie, formToken, readCookie, writeCookie } from './cookies.ts';
import { layoutView } from './layout.ts';
import type { AdminContext, FieldError, PageRequest, PageResponse } from './page.ts';
import { isHttps, queryOf } from './page-request.ts';
import type { Render } from './render.ts';

type Shown = Extract<PageResponse, { page: string }>;

/** How answers become HTTP. */
export interface Answers {
  send(request: Request, response: Response, visit: PageRequest, answer: PageResponse): void;
  /** Shows every error as a page; one that is not the domain's own says nothing of what happened. */
  errors(report: (error: unknown, requestId: string) => void): ErrorRequestHandler;
}

/** The mistakes in the fields of a form, to be shown beside them. */
function mistakesIn({ errors = [] }: { errors?: readonly FieldError[] }): Record<string, string> {
  return Object.fromEntries(errors.flatMap(({ field, detail }) => (field ? [[field, detail]] : [])));
}

export function pageResponses(desk: AdminContext, render: Render): Answers {
  const secure = () => isHttps(desk.publicUrl());

  function show(request: Request, response: Response, { page, title, view, status = 200 }: Shown, cookie?: string) {
    const frame = layoutView({
      title,
      path: request.originalUrl.split('?', 1)[0] ?? '',
      operator: contextOf(response).operator?.name,
      token: cookie && formToken(cookie),
      revision: desk.contract.current.revision,
      done: queryOf(request).get('done'),
    });
    response
      .status(status)
      .type('html')
      .send(render(page, { ...frame, ...view, mistakes: mistakesIn(view) }));
  }

  return {
    send(request, response, visit, answer) {
      if ('page' in answer) {
        // The forms of a first visit send it back; where there is nothing to send, nobody gets a cookie.
        const isNew = readCookie(request.headers.cookie, secure()) === undefined;
        if (isNew && request.path.startsWith('/admin'))
          response.append('Set-Cookie', writeCookie(visit.cookie, secure()));
        return show(request, response, answer, visit.cookie);
      }
      const { cookie, redirect } = answer;
      if (cookie) response.append('Set-Cookie', writeCookie(cookie, secure()));
      else if (cookie === '') response.append('Set-Cookie', clearCookie(secure()));
      // Always a GET, whatever was sent.
      response.redirect(303, redirect);
    },

    errors: (report) => (error, request, response, next) => {
      if (response.headersSent) return next(error);
      const { requestId = '' } = contextOf(response);
      const { status, title, detail } = toProblem(error);
      if (status === 500) report(error, requestId);
      const view = {
        detail: detail ?? 'The log of the hub says what happened.',
        requestId: status === 500 && requestId,
      };
      const cookie = readCookie(request.headers.cookie, secure());
      show(request, response, { page: 'error', title, view, status }, cookie);
    },
  };
}
