import {
  type Document,
  deref,
  type Operation,
  operationsOf,
  type Parameter,
  registrySchemas,
  type Schema,
  schemasOf,
} from './document.ts';

/** The parts of a request, as the server reads them. */
export type RequestPart = 'body' | 'query' | 'path' | 'header';

/** A part of a request, or a parameter in it, that can contain registry values. */
export interface RegistryCheck {
  in: RequestPart;
  /** The name of the parameter; undefined for a body. */
  name?: string;
  /** What separates the items of an array in one text, where the text has not been split. */
  separator?: string;
  node: CheckedNode;
}

/** What to check of a value. Recursive schemas make it a graph. */
export interface CheckedNode {
  /** The registry that a string must be a value of; `open` accepts any value that the registry ever had. */
  registry?: { name: string; open: boolean };
  properties: Map<string, CheckedNode>;
  patterns: [pattern: RegExp, node: CheckedNode][];
  /** For the properties that no other schema describes. */
  additional?: CheckedNode;
  prefix: (CheckedNode | undefined)[];
  items?: CheckedNode;
  all: CheckedNode[];
  /** Each is an `anyOf` or `oneOf`: only the branches that accept the value count. */
  choices: CheckedBranch[][];
}

export interface CheckedBranch {
  schema: Schema;
  /** Undefined if the branch has no registry values. */
  node: CheckedNode | undefined;
}

/** Keywords whose schemas do not say which values the data has, so that a registry in them cannot be checked. */
const UNREACHABLE = [
  ...['not', 'if', 'then', 'else', 'contains', 'propertyNames', 'dependentSchemas'],
  ...['unevaluatedProperties', 'unevaluatedItems', 'contentSchema'],
];

const SEPARATORS: Readonly<Record<string, string>> = { spaceDelimited: ' ', pipeDelimited: '|' };

/** What to check in the requests of each operation, by operation id. */
export function registryChecks(document: Document): Map<string, RegistryCheck[]> {
  const nodes = new Map<Schema, CheckedNode>();
  const checksOf = (item: { parameters?: unknown }, operation: Operation): RegistryCheck[] => {
    const checks: RegistryCheck[] = [];
    for (const parameter of parametersOf(document, item, operation)) {
      const node = nodeOf(document, parameter.schema, nodes);
      const { in: part, name, style } = parameter;
      // Names of headers are not case-sensitive (RFC 9110, section 5.1).
      const key = part === 'header' ? name.toLowerCase() : name;
      if (node && part !== 'cookie')
        checks.push({ in: part, name: key, separator: SEPARATORS[style ?? ''] ?? ',', node });
    }
    for (const media of Object.values(operation.requestBody?.content ?? {})) {
      const node = nodeOf(document, media.schema, nodes);
      if (node) checks.push({ in: 'body', node });
    }
    return checks;
  };
  return new Map(
    [...operationsOf(document)].map(({ path, operation }) => [
      operation.operationId,
      checksOf((document.paths[path] ?? {}) as { parameters?: unknown }, operation),
    ]),
  );
}

/** The registries in requests that cannot be checked there, with the reason: `openapi.yaml` must not have them. */
export function uncheckedRegistries(document: Document): string[] {
  const issues = new Set<string>();
  for (const { path, method, operation } of operationsOf(document)) {
    const location = `${method.toUpperCase()} ${path}`;
    for (const parameter of parametersOf(
      document,
      (document.paths[path] ?? {}) as { parameters?: unknown },
      operation,
    )) {
      const place = `${location}, parameter ${parameter.name}`;
      if (!reachesRegistry(document, parameter)) continue;
      if (parameter.in === 'cookie') issues.add(`${place}: x-ihf-registry is not checked in a cookie. Use a header.`);
      else if (parameter.schema) findUnchecked(document, parameter.schema, place, issues);
      else issues.add(`${place}: x-ihf-registry is not checked in 'content'. Use 'schema'.`);
    }
    for (const [mediaType, { schema }] of Object.entries(operation.requestBody?.content ?? {})) {
      if (mediaType === 'application/json') findUnchecked(document, schema, `${location}, body`, issues);
      else if (reachesRegistry(document, schema)) {
        issues.add(`${location}: x-ihf-registry is not checked in a body of ${mediaType}. Use application/json.`);
      }
    }
  }
  return [...issues];
}

function parametersOf(document: Document, item: { parameters?: unknown }, operation: Operation): Parameter[] {
  const all = [...((item.parameters as Parameter[]) ?? []), ...(operation.parameters ?? [])];
  return all.map((parameter) => deref<Parameter>(document, parameter as Parameter));
}

/** The node of a schema; undefined if it has no registry values. */
function nodeOf(document: Document, schema: unknown, nodes: Map<Schema, CheckedNode>): CheckedNode | undefined {
  if (!isSchema(schema) || !reachesRegistry(document, schema)) return undefined;
  const known = nodes.get(schema);
  if (known) return known;
  const node: CheckedNode = { properties: new Map(), patterns: [], prefix: [], all: [], choices: [] };
  // Before its parts: a recursive schema leads back here.
  nodes.set(schema, node);
  const child = (each: unknown) => nodeOf(document, each, nodes);
  const name = schema['x-ihf-registry'];
  if (name) node.registry = { name, open: schema['x-ihf-open'] === true };
  for (const [property, each] of Object.entries(schema.properties ?? {})) {
    node.properties.set(property, child(each) ?? UNCHECKED);
  }
  for (const [pattern, each] of schemasByName(schema.patternProperties)) {
    node.patterns.push([new RegExp(pattern, 'u'), child(each) ?? UNCHECKED]);
  }
  const [additional, items] = [child(schema.additionalProperties), child(schema.items)];
  if (additional) node.additional = additional;
  if (items) node.items = items;
  node.prefix = schemasIn(schema.prefixItems).map(child);
  // Keywords beside a reference apply as well (JSON Schema 2020-12, section 8.2.3.1).
  const target = schema.$ref === undefined ? undefined : child(deref<Schema>(document, schema as { $ref: string }));
  node.all = [...(target ? [target] : []), ...schemasIn(schema.allOf).flatMap((each) => child(each) ?? [])];
  for (const branches of [schemasIn(schema.anyOf), schemasIn(schema.oneOf)]) {
    if (!branches.some((branch) => reachesRegistry(document, branch))) continue;
    node.choices.push(branches.map((branch) => ({ schema: branch, node: child(branch) })));
  }
  return node;
}

/** A property that is described, so that `additional` does not apply to it, but has no registry values. */
const UNCHECKED: CheckedNode = { properties: new Map(), patterns: [], prefix: [], all: [], choices: [] };

function isSchema(value: unknown): value is Schema {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function schemasIn(value: unknown): Schema[] {
  return Array.isArray(value) ? value.filter(isSchema) : [];
}

function schemasByName(value: unknown): [string, Schema][] {
  return isSchema(value) ? (Object.entries(value) as [string, Schema][]) : [];
}

/** Whether a part of the document holds registry values, also by reference. */
function reachesRegistry(document: Document, part: unknown): boolean {
  return [...reachable(document, part)].some((each) => !registrySchemas(each).next().done);
}

/** The part and all components that it refers to, also through other components. */
function reachable(document: Document, part: unknown, found = new Set<unknown>()): Set<unknown> {
  if (found.has(part)) return found;
  found.add(part);
  const visit = (value: unknown): void => {
    if (value === null || typeof value !== 'object') return;
    for (const [key, child] of Object.entries(value)) {
      if (key === '$ref' && typeof child === 'string') reachable(document, deref(document, { $ref: child }), found);
      else visit(child);
    }
  };
  visit(part);
  return found;
}

function findUnchecked(document: Document, part: unknown, location: string, issues: Set<string>): void {
  for (const schema of reachable(document, part)) {
    for (const each of schemasOf(schema)) {
      for (const key of UNREACHABLE) {
        if (!reachesRegistry(document, each[key])) continue;
        issues.add(
          `${location}: x-ihf-registry is not checked below '${key}'. Use properties, items, allOf, anyOf or oneOf.`,
        );
      }
    }
    for (const marked of registrySchemas(schema)) {
      const types = [marked.type].flat().filter((type) => type !== 'null');
      if (types.some((type) => type !== 'string') || types.length !== 1) {
        issues.add(`${location}: a schema with x-ihf-registry must have the type string.`);
      }
    }
  }
}
