import { type Document, type Operation, operationsOf, resolve } from '../document.ts';
import { type Change, changeAt, type Place, pairs } from './change.ts';
import { diffResponse, diffValue, type Value } from './parameters-and-responses.ts';
import { diffSchema, type Sides } from './schemas.ts';

/** Compares each shared component once, under its own name. Added and removed ones show in the operations that use them. */
export function diffComponents(sides: Sides): Change[] {
  const place = placesOf(sides);
  const from = sides.from.components;
  const to = sides.to.components;
  const schemas = pairs(from.schemas, to.schemas).flatMap(({ key, was, is }) => {
    const at = { ...place('schemas', key), subject: key };
    if (was && is) return diffSchema(sides, at, was, is);
    return is
      ? [changeAt(at, 'added', `The schema ${key} was added.`)]
      : [changeAt(at, 'removed', `The schema ${key} was removed.`)];
  });
  const parameters = pairs(from.parameters, to.parameters).flatMap(({ key, was, is }) => {
    // With another name or location it is another parameter; the operations report that.
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

/** The place of a component. It can break only a direction in which both documents send it. */
function placesOf({ from, to }: Sides): (kind: string, name: string) => Place {
  const was = reachableComponents(from);
  const is = reachableComponents(to);
  return (kind, name) => {
    const reference = `#/components/${kind}/${name}`;
    const inBoth = (direction: 'requests' | 'responses') =>
      was[direction].has(reference) && is[direction].has(reference);
    return { subject: `${kind}.${name}`, requests: inBoth('requests'), responses: inBoth('responses') };
  };
}

function reachableComponents(document: Document) {
  const inputs = ({ parameters, requestBody }: Operation) => [parameters, requestBody];
  const outputs = ({ responses }: Operation) => responses;
  const operations = [...operationsOf(document)].map(({ operation }) => operation);
  // For webhooks the server is the client, so the directions are reversed.
  const webhooks = Object.values(document.webhooks ?? {}).map(({ post }) => post);
  return {
    requests: reachable(document, [...operations.map(inputs), ...webhooks.map(outputs)]),
    responses: reachable(document, [...operations.map(outputs), ...webhooks.map(inputs)]),
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
