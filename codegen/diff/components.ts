import { isDeepStrictEqual } from 'node:util';
import { type Document, type Operation, operationsOf } from '../document.ts';
import { breakingCode, type Change, changeAt, type Place, pairs } from './change.ts';
import { diffResponse, diffValue, type Value } from './parameters-and-responses.ts';
import { diffSchema, type Sides } from './schemas.ts';
import { operationsUsing, referencesFrom } from './touched-operations.ts';

/** Compares each shared component once, under its own name. Added and removed ones show in the operations that use them. */
export function diffComponents(sides: Sides): Change[] {
  const place = placesOf(sides);
  const from = sides.from.components;
  const to = sides.to.components;
  const renamed = renamedSchemas(sides);
  const schemas = pairs(from.schemas, to.schemas).flatMap(({ key, was, is }) => {
    const at = { ...place('schemas', key), subject: key };
    if (was && is) return diffSchema(sides, at, was, is);
    const oldName = renamed.get(key);
    if (oldName) return [breakingCode(changeAt(at, 'changed', `The schema ${oldName} was renamed to ${key}.`))];
    if ([...renamed.values()].includes(key)) return [];
    return is
      ? [changeAt(at, 'added', `The schema ${key} was added.`)]
      : [breakingCode(changeAt(at, 'removed', `The schema ${key} was removed.`))];
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

/** New schemas that equal a removed one, by their new names, with the old ones. */
function renamedSchemas({ from, to }: Sides): Map<string, string> {
  const [before, after] = [from.components.schemas, to.components.schemas];
  const removed = Object.keys(before).filter((name) => !Object.hasOwn(after, name));
  const renamed = new Map<string, string>();
  for (const name of Object.keys(after)) {
    if (Object.hasOwn(before, name)) continue;
    const same = removed.filter((old) => isDeepStrictEqual(before[old], after[name]));
    // With several equal ones it cannot be decided.
    if (same.length === 1) renamed.set(name, same[0] as string);
  }
  return renamed;
}

/** The place of a component. It can break only a direction in which both documents send it. */
function placesOf({ from, to }: Sides): (kind: string, name: string) => Place {
  const was = reachableComponents(from);
  const is = reachableComponents(to);
  return (kind, name) => {
    const reference = `#/components/${kind}/${name}`;
    const inBoth = (direction: 'requests' | 'responses') =>
      was[direction].has(reference) && is[direction].has(reference);
    return {
      ...{ subject: `${kind}.${name}`, requests: inBoth('requests'), responses: inBoth('responses') },
      operations: () => operationsUsing([from, to], reference),
    };
  };
}

function reachableComponents(document: Document) {
  const inputs = ({ parameters, requestBody }: Operation) => [parameters, requestBody];
  const outputs = ({ responses }: Operation) => responses;
  const operations = [...operationsOf(document)].map(({ operation }) => operation);
  // For webhooks the server is the client, so the directions are reversed.
  const webhooks = Object.values(document.webhooks ?? {}).map(({ post }) => post);
  return {
    requests: referencesFrom(document, [...operations.map(inputs), ...webhooks.map(outputs)]),
    responses: referencesFrom(document, [...operations.map(outputs), ...webhooks.map(inputs)]),
  };
}
