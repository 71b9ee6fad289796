import { textTemplate } from '../templates.ts';
import type { Language } from './language.ts';
import type { SdkModel, SdkRegistry, SdkRegistryValue, SdkSchema } from './model.ts';
import type { SdkOperation } from './operations.ts';
import { SDK_ERRORS, type SdkError } from './problems.ts';
import { type Side, sidesOf } from './sides.ts';
import type { SdkProperty } from './types.ts';
import { camel, methodOf, pascal, queryName } from './typescript-methods.ts';
import { comment, doc, key, literal, members, tag, typeText, union } from './typescript-print.ts';

const CLIENT = 'typescript/client.ts.hbs';
const RUNTIME = [
  ...['values', 'environment', 'errors', 'problems', 'hooks', 'revision-watch', 'options', 'request'],
  ...['timeout', 'retry', 'credentials', 'send-once', 'transport', 'pages', 'batches'],
  ...['reporter-events', 'reporter-queue', 'reporter', 'webhooks'],
];

/** `ihf-client.ts`: one file without dependencies. */
export const typescript: Language = {
  sources: [CLIENT, ...RUNTIME.map(runtimePath)],
  compile(source) {
    const template = textTemplate(source(CLIENT));
    const runtime = Object.fromEntries(RUNTIME.map((name) => [camel(name), renderedRegion(source(runtimePath(name)))]));
    return (model) => template({ ...viewOf(model), ...runtime });
  },
};

/** The files of the runtime, in dependency order. */
export const TYPESCRIPT_RUNTIME: readonly string[] = RUNTIME.map(runtimePath);

/** The runtime as one TypeScript source, from which the build compiles the JavaScript and the types of the npm package. */
export function typescriptRuntime(source: (path: string) => string): string {
  return TYPESCRIPT_RUNTIME.map((path) => renderedRegion(source(path))).join('\n\n');
}

function runtimePath(name: string): string {
  return `typescript/${name}.ts`;
}

/** The marked region of a runtime file. The rest only serves to type-check the file on its own. */
function renderedRegion(text: string): string {
  const [, part] = /^\/\/#region rendered\n(.*)\n\/\/#endregion$/ms.exec(text) ?? [];
  if (part === undefined) throw new Error("A file of the SDK runtime lacks the line '//#region rendered'");
  return part;
}

export function viewOf(model: SdkModel) {
  const sideOf = sidesOf(model);
  const openNames = model.registries.map(({ open }) => open.name);
  return {
    title: comment(model.title).replace(/\s+/g, ' '),
    revision: model.revision,
    digest: model.digest,
    digestLiteral: literal(model.digest),
    version: model.version,
    methods: model.operations.map(methodOf),
    errorClasses: SDK_ERRORS.map(errorClass),
    registries: model.registries.map(registryOf),
    unknownTopic: unknownValue('UnknownTopic', 'A topic'),
    webhookMessages: [...model.webhookMessages, 'UnknownWebhookMessage'].join(' | '),
    declarations: [
      ...model.schemas.map((schema) => declarationOf(schema, sideOf(schema))),
      ...model.operations.flatMap((operation) => queryDeclarationOf(operation, openNames)),
    ],
  };
}

function errorClass({ name, parent, description, status, type }: SdkError) {
  // A class with a status needs no type: the server returns that type only with that status.
  const statusOrType = status ?? literal(type?.replace(/^urn:ihf:problem:/, '') ?? '');
  return {
    name,
    parent,
    doc: doc('', [description]),
    register: `registerError(${name}, ${literal(name)}, ${statusOrType});`,
  };
}

function registryOf({ name, closed, open, values, accepted }: SdkRegistry) {
  const constName = pascal(name);
  // Editors strike through a deprecated property, but not a member of a union, so the comment of the type lists them.
  const deprecated = values.filter((value) => value.status === 'deprecated');
  const remarks = deprecated.map((value) => `- \`${value.name}\`: ${statusRemark(value)}`).join('\n');
  return {
    constName,
    constDoc: doc('', [`Every value of the registry \`${name}\`, including retired ones.`]),
    values: values.map((value) => ({ doc: valueDoc(value), entry: valueEntry(value) })),
    knownName: `Known${closed.name}`,
    knownDoc: doc('', [
      `The keys of {@link ${constName}}. Use it as a key type for exhaustive maps, e.g. \`Record<Known${closed.name}, string>\`.`,
    ]),
    unknown: unknownValue(`Unknown${closed.name}`, `A value of the registry \`${name}\``),
    closedName: closed.name,
    closedDoc: doc('', [closed.description, `See {@link ${constName}} for the description of each value.`, remarks]),
    closedType: union(accepted),
    openName: open.name,
    openDoc: doc('', [
      open.description,
      'May be a value that was added after this client was generated, so a switch needs a default case.',
    ]),
  };
}

/** Rendered as an enum with one member, because no other type narrows. It has no run-time code: only the type is exported. */
function unknownValue(name: string, what: string) {
  return {
    name,
    doc: doc('', [`${what} that was added after this client was generated.`]),
    value: literal('unknown to this client'),
  };
}

function valueDoc(value: SdkRegistryValue): string {
  const tags = value.status === 'active' ? [] : [tag('deprecated', statusRemark(value))];
  return doc('  ', [value.label, value.description], tags);
}

/** For a value that is not active: its state, its replacement and the planned retirement. */
function statusRemark({ status, replacedBy, sunsetAt }: SdkRegistryValue): string {
  const remarks = [
    status === 'retired' ? 'Retired: rejected in requests.' : 'Deprecated.',
    ...(replacedBy === null ? [] : [`Use \`${replacedBy}\` instead.`]),
    ...(status === 'deprecated' && sunsetAt !== null ? [`Planned retirement: ${sunsetAt}.`] : []),
  ];
  return remarks.join(' ');
}

function valueEntry({ name, label, description, status, replacedBy, sunsetAt }: SdkRegistryValue): string {
  const fields = Object.entries({ label, description, status, replacedBy, sunsetAt }).map(
    ([field, value]) => `${field}: ${value === null ? 'null' : literal(value)}`,
  );
  return `${key(name)}: { ${fields.join(', ')} }`;
}

function declarationOf({ name, description, type }: SdkSchema, side: Side) {
  const written = typeText(type, side);
  const text = type.kind === 'object' ? `export interface ${name} ${written}` : `export type ${name} = ${written};`;
  return { doc: doc('', [description]), text };
}

function queryDeclarationOf({ id, queryParams }: SdkOperation, openNames: readonly string[]) {
  if (queryParams.length === 0) return [];
  const accepting = queryParams.map((parameter) => acceptingAnyValue(parameter, openNames));
  const text = `export interface ${queryName(id)} {\n${members(accepting, 'sent')}\n}`;
  return [{ doc: doc('', [`Query parameters of {@link IhfClient.${id}}.`]), text }];
}

/** Allows any string in a filter, because the value may have been added after the client was generated. */
function acceptingAnyValue(property: SdkProperty, openNames: readonly string[]): SdkProperty {
  const { type } = property;
  if (type.kind !== 'reference' || !openNames.includes(type.name)) return property;
  // The empty intersection keeps completion of the known values in editors; plain `string` would absorb the literals.
  return { ...property, type: { kind: 'reference', name: `${type.name} | (string & {})` } };
}
