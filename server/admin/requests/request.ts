import { problemType } from '../../http/problem.ts';
import { findRequest, type LoggedInFull } from '../../store/request-log/search.ts';
import { found, idParam } from '../core/lookups.ts';
import type { OperatorPage } from '../core/page.ts';
import { requestView } from './requests.ts';
import { requestsUrl } from './requests-url.ts';

/** One row of the request log, with its problem document. */
export const requestPage: OperatorPage = async (request, { database }) => {
  const logged = found(await findRequest(database, idParam(request)), 'request');
  const { consumer_id, operation, problem, problem_details } = logged;
  const view = {
    ...requestView(logged),
    document: problem && JSON.stringify(problemDocument(logged), null, 2),
    issues: problem_details?.errors?.map((issue) => ({ ...issue, place: issue.pointer ?? issue.parameter })),
    detail: problem_details?.detail,
    omitted: problem_details?.omitted,
    isStored: problem_details !== null,
    similar: {
      consumer: consumer_id && requestsUrl({ consumer: consumer_id }),
      operation: operation && requestsUrl({ operation }),
      problem: problem && requestsUrl({ problem, ...(operation && { operation }) }),
    },
  };
  return { page: 'requests/request', title: operation ?? 'Request', view };
};

/** The problem document as it was sent, as far as the request log stores it. */
function problemDocument({ problem, status, request_id, problem_details }: LoggedInFull): object {
  const { errors, omitted, ...members } = problem_details ?? {};
  return {
    ...problemType(problem ?? ''),
    ...{ status, ...members, request_id },
    ...(errors && { errors: omitted ? [...errors, `… and ${omitted} more`] : errors }),
  };
}
