import { problemType } from '../http/problem.ts';
import { findRequest, type LoggedInFull } from '../store/request-log/search.ts';
import { found, idParam, type OperatorPage } from './page.ts';
import { requestsAt, requestView } from './requests.ts';

/** One request: all of its row, and the problem document that answered it. */
export const requestPage: OperatorPage = async (visit, { database }) => {
  const request = found(await findRequest(database, idParam(visit)), 'request');
  const { consumer_id, operation, problem, problem_details } = request;
  const view = {
    ...requestView(request),
    document: problem && JSON.stringify(documentOf(request), null, 2),
    failures: problem_details?.errors?.map((failure) => ({ ...failure, place: failure.pointer ?? failure.parameter })),
    detail: problem_details?.detail,
    further: problem_details?.further,
    isTold: problem_details !== null,
    alike: {
      consumer: consumer_id && requestsAt({ consumer: consumer_id }),
      operation: operation && requestsAt({ operation }),
      problem: problem && requestsAt({ problem, ...(operation && { operation }) }),
    },
  };
  return { page: 'request', title: operation ?? 'A request', view };
};

/** The problem document as it was answered, as far as it is kept. */
function documentOf({ problem, status, request_id, problem_details }: LoggedInFull): object {
  const { errors, further, ...members } = problem_details ?? {};
  return {
    ...problemType(problem ?? ''),
    ...{ status, ...members, request_id },
    ...(errors && { errors: further ? [...errors, `… and ${further} more`] : errors }),
  };
}
