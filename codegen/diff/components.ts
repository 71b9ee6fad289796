import { type Document, type Operation, operationsOf, resolve } from '../document.ts';
import { type Change, changeAt, type Place, pairs } from './change.ts';
import { diffResponse, diffValue, type Value } from './parameters-and-responses.ts';
import { diffSchema, type Sides } from './schemas.ts';

/** Each shared part once, under its own name. Where a part comes or goes, the operations that use it say so. */
export function diffComponents(sides: Sides): Change[] {
  const place = placesOf(sides);
  const from = sides.from.components;
  const to = sides.to.components;
  const schemas = pairs(from.schemas, to.schemas).flatMap(({ key, was, is }) => {
    const at = { ...place('schemas', key), subject: key };
    if (was && is) return diffSchema(sides, at, was, is);
    return is
      ? [changeAt(at, 'added', `The schema ${key} is new.`)]
      : [changeAt(at, 'removed', `There is no schema ${key} any more.`)];
  });
  const parameters = pairs(from.parameters, to.parameters).flatMap(({ key, was, is }) => {
    // Under another name it is another parameter to the operations.
    const same = was && is && was.name === is.name && was.in === is.in;
    return same ? diffValue(sides, place('parameters', key), was, is) : [];
  });
  const responses = pairs(from.responses, to.responses).flatMap(({ key, was, is }) =>
    was && is ? diffResponse(sides, place('responses', key), was, is) : [],
  );
  const headers = pairs(from.headers, to.headers).flatMap(({ key, was, is }) =>
    was && is ? diffValue(sides, place('headers', key), was as Value, is as Value) : [],
  );
  return [...schemas, ...parameters, ...responses, ...headers];
}

/** The place of a component: it breaks only in a direction in which it travelled before and does now. */
function placesOf({ from, to }: Sides): (kind: string, name: string) => Place {
  const was = travels(from);
  const is = travels(to);
  return (kind, name) => {
    const reference = `#/components/${kind}/${name}`;
    const both = (way: 'requests' | 'responses') => was[way].has(reference) && is[way].has(reference);
    return { subject: `${kind}.${name}`, requests: both('requests'), responses: both('responses') };
  };
}

function travels(document: Document) {
  const sentTo = ({ parameters, requestBody }: Operation) => [parameters, requestBody];
  const answersOf = ({ responses }: Operation) => responses;
  const operations = [...operationsOf(document)].map(({ operation }) => operation);
  // The hub calls the client: what it sends is read as a response is.
  const webhooks = Object.values(document.webhooks ?? {}).map(({ post }) => post);
  return {
    requests: reachable(document, [...operations.map(sentTo), ...webhooks.map(answersOf)]),
    responses: reachable(document, [...operations.map(answersOf), ...webhooks.map(sentTo)]),
  };
}

function reachable(document: Document, root: unknown): Set<string> {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    if (value === null || typeof value !== 'object') return;
    for (const [key, child] of Object.entries(value)) {
      if (key !== '$ref' || typeof child !== 'string') visit(child);
      else if (!found.has(child)) {
        found.add(child);
        visit(resolve(document, child));
      }
    }
  };
  visit(root);
  return found;
}
