import { isDeepStrictEqual } from 'node:util';
import { deref, type Operation, operationsOf, type Parameter } from '../document.ts';
import {
  breakingCode,
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

/** The directions in which the input and the output of an operation are sent. */
interface Directions {
  input: Pick<Place, 'requests' | 'responses'>;
  output: Pick<Place, 'requests' | 'responses'>;
}

const CALL: Directions = { input: { requests: true, responses: false }, output: { requests: false, responses: true } };
/** For webhooks the server is the client, so the directions are reversed. */
const WEBHOOK: Directions = { input: CALL.output, output: CALL.input };

/** Compares the operations, matched by method and path. */
export function diffOperations(sides: Sides): Change[] {
  return pairs(byRoute(sides.from), byRoute(sides.to)).flatMap(({ was, is }) => {
    const { name, id } = is ?? (was as Routed);
    const place = { subject: id, requests: true, responses: true, operations: () => [id] };
    if (!was) return [changeAt(place, 'added', `The operation ${name} was added.`)];
    if (!is) return [breakingCode(changeAt(place, 'removed', `The operation ${name} was removed.`, NARROWER))];
    return diffOperation(sides, place, CALL, was.operation, is.operation);
  });
}

/** Compares the webhook messages, matched by topic. */
export function diffWebhooks(sides: Sides): Change[] {
  return pairs(sides.from.webhooks, sides.to.webhooks).flatMap(({ key: topic, was, is }) => {
    const operations = () => [(is ?? was)?.post.operationId as string];
    const place = { subject: `webhooks.${topic}`, requests: true, responses: true, operations };
    if (!was) return [changeAt(place, 'added', `The webhook message ${topic} was added.`)];
    if (!is) return [changeAt(place, 'removed', `The webhook message ${topic} was removed.`, WIDER)];
    return diffOperation(sides, place, WEBHOOK, was.post, is.post);
  });
}

interface Routed {
  /** Method and path, for people. */
  name: string;
  id: string;
  operation: Operation;
}

/** The operations by method and path, without the names of path parameters: no client sends those. */
function byRoute(document: Sides['from']): Record<string, Routed> {
  const all = [...operationsOf(document)].map(({ method, path, operation }) => {
    const name = `${method.toUpperCase()} ${path}`;
    return [name.replace(/\{[^}]+\}/g, '{}'), { name, id: operation.operationId, operation }] as const;
  });
  return Object.fromEntries(all);
}

function diffOperation(sides: Sides, place: Place, directions: Directions, was: Operation, is: Operation): Change[] {
  const changes = [
    ...describedAt(place, was, is, ['summary', 'description', 'tags']),
    ...deprecatedAt(place, was, is),
    ...diffParameters(sides, { ...place, ...directions.input }, was, is),
    ...diffBody(sides, { ...place, ...directions.input }, was, is),
    ...diffResponses(sides, { ...place, ...directions.output }, was, is),
    ...diffSecurity(sides, place, was, is),
  ];
  if (was.operationId !== is.operationId) {
    const detail = `The operation id ${was.operationId} changed to ${is.operationId}.`;
    changes.push(breakingCode(changeAt(place, 'changed', detail)));
  }
  if (was['x-ihf-per-item'] !== is['x-ihf-per-item']) {
    changes.push(changeAt(place, 'changed', `${place.subject} changed its per-item error behavior.`, UNDECIDED));
  }
  if (was['x-ihf-installation-scope'] !== is['x-ihf-installation-scope']) {
    changes.push(changeAt(place, 'changed', `${place.subject} requires another installation scope.`, NARROWER));
  }
  const [before, after] = [was['x-ihf-max-body-bytes'], is['x-ihf-max-body-bytes']];
  // An absent limit is the default one, which depends on the release.
  if (before !== after) {
    const detail = `The maximum body size of ${place.subject} changed from ${before ?? 'the default'} to ${after ?? 'the default'} bytes.`;
    const raised = before !== undefined && after !== undefined && after > before;
    changes.push(changeAt(place, 'changed', detail, raised ? NONE : NARROWER));
  }
  if (was['x-ihf-protocol'] !== is['x-ihf-protocol']) {
    changes.push(changeAt(place, 'changed', `${place.subject} changed its protocol.`, UNDECIDED));
  }
  return changes;
}

function diffParameters(sides: Sides, place: Place, before: Operation, after: Operation): Change[] {
  return pairs(parametersOf(sides.from, before), parametersOf(sides.to, after)).flatMap(({ key, was, is }) => {
    if (was && is) {
      if (was.parameter.name !== is.parameter.name) {
        const detail = `The path parameter '${was.parameter.name}' was renamed to '${is.parameter.name}'.`;
        return [changeAt(place, 'changed', detail), ...diffValue(sides, place, was.parameter, is.parameter)];
      }
      if (was.shared !== undefined && was.shared === is.shared) return [];
      const inner = { ...place, subject: `${place.subject}.${is.parameter.name}` };
      return diffValue(sides, inner, was.parameter, is.parameter);
    }
    if (was) return [changeAt(place, 'changed', `${place.subject} no longer accepts the ${key}.`, UNDECIDED)];
    const required = is?.parameter.required;
    const detail = `${place.subject} now ${required ? 'requires' : 'accepts'} the ${key}.`;
    return [changeAt(place, 'changed', detail, required ? NARROWER : NONE)];
  });
}

function parametersOf(
  document: Sides['from'],
  operation: Operation,
): Record<string, { shared: string | undefined; parameter: Parameter }> {
  return Object.fromEntries(
    (operation.parameters ?? []).map((reference, index) => {
      const parameter = deref<Parameter>(document, reference);
      // By position, because no client sends the name of a path parameter. They come first in every operation.
      if (parameter.in === 'path')
        return [`path parameter ${index + 1}`, { shared: '$ref' in reference ? reference.$ref : undefined, parameter }];
      return [
        `${parameter.in} parameter '${parameter.name}'`,
        { shared: '$ref' in reference ? reference.$ref : undefined, parameter },
      ];
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
  if (!is) return [changeAt(place, 'changed', `${place.subject} no longer accepts a body.`, UNDECIDED)];
  if (!was) return [changeAt(place, 'changed', `${place.subject} now accepts a body.`, is.required ? NARROWER : NONE)];
  const changes = describedAt(place, was, is);
  if (!was.required && is.required) {
    changes.push(changeAt(place, 'changed', `${place.subject} now requires a body.`, NARROWER));
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
    // Clients handle any error status, but only the success statuses that they know.
    const shift = /^[1-3]/.test(status) ? WIDER : NONE;
    const verb = is ? 'may now return' : 'no longer returns';
    return [changeAt(place, 'changed', `${place.subject} ${verb} ${status}.`, shift)];
  });
}
