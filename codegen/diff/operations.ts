import { isDeepStrictEqual } from 'node:util';
import { deref, type Operation, operationsOf, type Parameter } from '../document.ts';
import {
  type Change,
  changeAt,
  deprecatedAt,
  describedAt,
  NARROWER,
  NONE,
  type Place,
  pairs,
  UNDECIDED,
  WIDER,
} from './change.ts';
import { diffContent, diffResponse, diffValue } from './parameters-and-responses.ts';
import type { Sides } from './schemas.ts';
import { diffSecurity } from './security.ts';

/** In which direction what is sent to an operation travels, and what it answers. */
interface Ways {
  sent: Pick<Place, 'requests' | 'responses'>;
  answered: Pick<Place, 'requests' | 'responses'>;
}

const CALL: Ways = { sent: { requests: true, responses: false }, answered: { requests: false, responses: true } };
/** The hub calls the client: what it sends is read as a response is. */
const WEBHOOK: Ways = { sent: CALL.answered, answered: CALL.sent };

/** What changed in the operations, each found by its method and path. */
export function diffOperations(sides: Sides): Change[] {
  return pairs(byAddress(sides.from), byAddress(sides.to)).flatMap(({ key: address, was, is }) => {
    const place = { subject: (is ?? was)?.operationId ?? address, requests: true, responses: true };
    if (!was) return [changeAt(place, 'added', `The hub now has ${address}.`)];
    if (!is) return [changeAt(place, 'removed', `The hub no longer has ${address}.`, NARROWER)];
    return diffOperation(sides, place, CALL, was, is);
  });
}

/** What changed in the messages that the hub sends, each found by its topic. */
export function diffWebhooks(sides: Sides): Change[] {
  return pairs(sides.from.webhooks, sides.to.webhooks).flatMap(({ key: topic, was, is }) => {
    const place = { subject: `webhooks.${topic}`, requests: true, responses: true };
    if (!was) return [changeAt(place, 'added', `The hub now sends ${topic}.`)];
    if (!is) return [changeAt(place, 'removed', `The hub no longer sends ${topic}.`, WIDER)];
    return diffOperation(sides, place, WEBHOOK, was.post, is.post);
  });
}

function byAddress(document: Sides['from']): Record<string, Operation> {
  const all = [...operationsOf(document)];
  return Object.fromEntries(all.map(({ method, path, operation }) => [`${method.toUpperCase()} ${path}`, operation]));
}

function diffOperation(sides: Sides, place: Place, ways: Ways, was: Operation, is: Operation): Change[] {
  const changes = [
    ...describedAt(place, was, is, ['summary', 'description', 'tags']),
    ...deprecatedAt(place, was, is),
    ...diffParameters(sides, { ...place, ...ways.sent }, was, is),
    ...diffBody(sides, { ...place, ...ways.sent }, was, is),
    ...diffResponses(sides, { ...place, ...ways.answered }, was, is),
    ...diffSecurity(sides, place, was, is),
  ];
  if (was.operationId !== is.operationId) {
    changes.push(changeAt(place, 'changed', `${was.operationId} is called ${is.operationId} now.`));
  }
  if (was['x-ihf-per-item'] !== is['x-ihf-per-item']) {
    changes.push(changeAt(place, 'changed', `${place.subject} answers a faulty item in another way.`, UNDECIDED));
  }
  if (was['x-ihf-protocol'] !== is['x-ihf-protocol']) {
    changes.push(changeAt(place, 'changed', `${place.subject} speaks another protocol.`, UNDECIDED));
  }
  return changes;
}

function diffParameters(sides: Sides, place: Place, before: Operation, after: Operation): Change[] {
  return pairs(parametersOf(sides.from, before), parametersOf(sides.to, after)).flatMap(({ key, was, is }) => {
    if (was && is) {
      if (was.shared !== undefined && was.shared === is.shared) return [];
      const inner = { ...place, subject: `${place.subject}.${is.parameter.name}` };
      return diffValue(sides, inner, was.parameter, is.parameter);
    }
    if (was) return [changeAt(place, 'changed', `${place.subject} no longer takes the ${key}.`, UNDECIDED)];
    const must = is?.parameter.required;
    const detail = `${place.subject} takes the ${key} now${must ? ', which is required' : ''}.`;
    return [changeAt(place, 'changed', detail, must ? NARROWER : NONE)];
  });
}

function parametersOf(
  document: Sides['from'],
  operation: Operation,
): Record<string, { shared: string | undefined; parameter: Parameter }> {
  return Object.fromEntries(
    (operation.parameters ?? []).map((reference) => {
      const parameter = deref<Parameter>(document, reference);
      return [`${parameter.in} parameter '${parameter.name}'`, { shared: reference.$ref, parameter }];
    }),
  );
}

function diffBody(
  sides: Sides,
  place: Place,
  { requestBody: was }: Operation,
  { requestBody: is }: Operation,
): Change[] {
  if (!was && !is) return [];
  if (!is) return [changeAt(place, 'changed', `${place.subject} no longer takes a body.`, UNDECIDED)];
  if (!was) return [changeAt(place, 'changed', `${place.subject} takes a body now.`, is.required ? NARROWER : NONE)];
  const changes = describedAt(place, was, is);
  if (!was.required && is.required) {
    changes.push(changeAt(place, 'changed', `${place.subject} requires a body now.`, NARROWER));
  } else if (was.required && !is.required) {
    changes.push(changeAt(place, 'changed', `${place.subject} no longer requires a body.`));
  }
  return [...changes, ...diffContent(sides, place, was.content, is.content)];
}

function diffResponses(sides: Sides, place: Place, before: Operation, after: Operation): Change[] {
  return pairs(before.responses, after.responses).flatMap(({ key: status, was, is }) => {
    if (was && is) {
      if ('$ref' in was && isDeepStrictEqual(was, is)) return [];
      const inner = { ...place, subject: `${place.subject}.${status}` };
      return diffResponse(sides, inner, deref(sides.from, was), deref(sides.to, is));
    }
    // A client expects errors of any kind, but it handles the successes one by one.
    const shift = /^[1-3]/.test(status) ? WIDER : NONE;
    const verb = is ? 'may now answer' : 'no longer answers';
    return [changeAt(place, 'changed', `${place.subject} ${verb} ${status}.`, shift)];
  });
}
