import { type Document, deref, operationsOf, type Parameter } from '../../../codegen/document.ts';

/** Finds the plus signs of offsets in the query of a request target, by operation id; only operations with times. */
export function offsetPatterns(document: Document): Map<string, RegExp> {
  return new Map(
    [...operationsOf(document)].flatMap(({ operation: { operationId, parameters = [] } }) => {
      const times = parameters
        .map((each) => deref<Parameter>(document, each))
        .filter((each) => each.in === 'query' && each.schema.format === 'date-time');
      if (times.length === 0) return [];
      const names = times.map(({ name }) => name).join('|');
      return [
        [operationId, new RegExp(`([?&](?:${names})=[^&+]*T[^&+]*)\\+(?=\\d\\d(?::|%3A)\\d\\d(?:&|$))`, 'gi')] as const,
      ];
    }),
  );
}

/**
 * Encodes the plus sign of an offset, as in `12:00:00+02:00`. Some clients, such as Postman, send it as it is, and in a query it
 * stands for a space. A time contains no space, so that a plus sign is certain.
 */
export function encodePlusSigns(target: string, offsets: RegExp | undefined): string {
  return offsets && target.includes('+') ? target.replace(offsets, '$1%2B') : target;
}
