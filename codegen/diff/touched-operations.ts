import { type Document, operationsOf, registrySchemas, resolve } from '../document.ts';

/** The operations and webhook messages that use a component, by reference. */
export function operationsUsing(documents: readonly Document[], reference: string): string[] {
  return [...new Set(documents.flatMap((document) => usersOf(document).get(reference) ?? []))].sort();
}

/** The operations that use a registry, in requests or responses. */
export function operationsUsingRegistry(documents: readonly Document[], registry: string): string[] {
  const holds = (part: unknown) => [...registrySchemas(part)].some((schema) => schema['x-ihf-registry'] === registry);
  const found = documents.flatMap((document) => {
    const references = Object.entries(document.components).flatMap(([kind, components]) =>
      Object.entries(components as Record<string, unknown>)
        .filter(([, component]) => holds(component))
        .map(([name]) => `#/components/${kind}/${name}`),
    );
    const inPlace = [...operationsOf(document)].filter(({ operation }) => holds(operation));
    return [
      ...references.flatMap((reference) => operationsUsing([document], reference)),
      ...inPlace.map(({ operation }) => operation.operationId),
    ];
  });
  return [...new Set(found)].sort();
}

function usersOf(document: Document): Map<string, string[]> {
  const users = new Map<string, string[]>();
  const operations = [
    ...[...operationsOf(document)].map(({ operation }) => operation),
    ...Object.values(document.webhooks ?? {}).map(({ post }) => post),
  ];
  for (const operation of operations) {
    for (const reference of referencesFrom(document, operation)) {
      users.set(reference, [...(users.get(reference) ?? []), operation.operationId]);
    }
  }
  return users;
}

/** Every component that a part of the document refers to, also through other components. */
export function referencesFrom(document: Document, part: unknown): Set<string> {
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
  visit(part);
  return found;
}
