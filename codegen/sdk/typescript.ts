import { textTemplate } from '../templates.ts';
import { branded, type SdkApi, type SdkSecurityScheme } from './api.ts';
import type { Language } from './language.ts';
import type { SdkModel, SdkRegistry, SdkRegistryValue } from './model.ts';
import type { SdkOperation } from './operations.ts';
import { SDK_ERRORS, type SdkError } from './problems.ts';
import type { SdkSchema } from './schemas.ts';
import { type Side, sidesOf } from './sides.ts';
import { JSON_VALUE, type SdkProperty } from './types.ts';
import { methodName, methodsOf, pascal } from './typescript-methods.ts';
import { comment, doc, key, literal, members, tag, typeText, union } from './typescript-print.ts';

const CLIENT = 'typescript/client.ts.hbs';

/** The files of the runtime, in dependency order. The client of another API has its own errors, options and credentials. */
const ERRORS = ['errors', 'api-error', 'retry-after', 'problems'];
const ANY_ERRORS = ['errors', 'retry-after', 'any/api-error'];
const REQUESTS = [
  ...[
    'environment',
    'request-body',
    'fetch',
    'hooks',
    'revision-watch',
    'call-options',
    'options',
    'base-url',
    'request',
  ],
  ...['timeout', 'retry', 'credentials', 'send-once', 'transport', 'pages', 'batches'],
];
const REPORTER = ['reporter-events', 'reporter-queue', 'reporter'];
const ANY_REQUESTS = [
  ...['environment', 'request-body', 'fetch', 'hooks', 'call-options', 'any/options', 'base-url', 'request', 'timeout'],
  ...['retry', 'any/credentials', 'send-once', 'transport'],
];
/** Parts that only clients with a certain kind of call need, and what shows that they do. */
const PARAMETERS = { file: 'parameters', isUsed: /\b(pathValue|searchOf|headersOf|cookiesOf)\(/ };
const PAYLOADS = { file: 'payloads', isUsed: /\b(payloadOf|jsonPayload|formPayload|multipartPayload)\(/ };
const RESULTS = { file: 'results', isUsed: /\breadAs\(/ };

const PARTS = new Set([PARAMETERS, PAYLOADS, RESULTS].map(({ file }) => file));

const ALWAYS = ['values', ...ERRORS, ...REQUESTS, ...REPORTER, 'webhooks'];
const FILES = [
  ...new Set([...ALWAYS, ...ANY_ERRORS, ...ANY_REQUESTS, ...[PARAMETERS, PAYLOADS, RESULTS].map(({ file }) => file)]),
];

/** One file without dependencies: `ihf-client.ts`, or the client of any API. */
export const typescript: Language = {
  sources: [CLIENT, ...FILES.map(runtimePath)],
  compile(source) {
    const regions = Object.fromEntries(FILES.map((name) => [name, renderedRegion(source(runtimePath(name)))]));
    const hub = textTemplate(source(CLIENT));
    return (model) => {
      const prefix = model.api?.prefix;
      const brand = (text: string) => (prefix === undefined ? text : branded(text, prefix));
      const template = prefix === undefined ? hub : textTemplate(brand(source(CLIENT)));
      const region = (name: string) => brand(regions[name] as string);
      const joined = (names: readonly string[]) => names.map(region).join('\n\n');
      const view = viewOf(model);
      const calls = view.methods.map(({ call }) => call).join('\n');
      return template({
        ...view,
        values: joined(['values']),
        errorRuntime: joined(model.api ? ANY_ERRORS : ERRORS),
        requestRuntime: requestFiles(model.api ? ANY_REQUESTS : REQUESTS, calls)
          .map((name) => (PARTS.has(name) ? withoutUnused(region(name), `${calls} RequestBody`) : region(name)))
          .join('\n\n'),
        reporter: joined(REPORTER),
        webhooks: joined(['webhooks']),
      });
    };
  },
};

function requestFiles(files: readonly string[], calls: string): string[] {
  const isUsed = (part: typeof PARAMETERS) => part.isUsed.test(calls);
  return [
    ...files.map((file) => (file === 'request-body' && isUsed(PAYLOADS) ? PAYLOADS.file : file)),
    ...[PARAMETERS, RESULTS].filter(isUsed).map(({ file }) => file),
  ];
}

/** A part of the runtime without the functions that neither the calls nor the rest of the part use. */
function withoutUnused(part: string, calls: string): string {
  const blocks = part.split(/\n\n(?=\S)/);
  const isUsed = (block: string): boolean => {
    const [, name] = /^(?:async )?(?:function\*?|const|type) (\w+)/m.exec(block.replace(/^\/\*\*.*?\*\/\n/s, '')) ?? [];
    if (name === undefined || /^export /m.test(block)) return true;
    const use = new RegExp(`\\b${name}\\b`);
    return use.test(calls) || blocks.some((other) => other !== block && use.test(other));
  };
  const used = blocks.filter(isUsed);
  const text = used.join('\n\n');
  return used.length === blocks.length ? text : withoutUnused(text, calls);
}

/** The files of the runtime of IHF Hub, in dependency order. */
export const TYPESCRIPT_RUNTIME: readonly string[] = ALWAYS.map(runtimePath);

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
  return part.trimEnd();
}

export function viewOf(model: SdkModel) {
  const { api } = model;
  const sideOf = sidesOf(model);
  const client = `${api?.prefix ?? 'Ihf'}Client`;
  const openNames = model.registries.map(({ open }) => open.name);
  return {
    title: comment(model.title).replace(/\s+/g, ' '),
    revision: model.revision,
    digest: model.digest,
    digestLiteral: literal(model.digest),
    version: model.version,
    methods: methodsOf(model),
    hub: api === undefined,
    ...(api && apiView(api)),
    errorClasses: api ? [] : SDK_ERRORS.map(errorClass),
    errorTypes: api ? model.operations.flatMap((operation) => errorTypeOf(operation, api.prefix)) : [],
    registries: model.registries.map(registryOf),
    unknownTopic: unknownValue('UnknownTopic', 'A topic'),
    webhookMessages: [...model.webhookMessages.map((type) => typeText(type, 'received')), 'UnknownWebhookMessage'].join(
      ' | ',
    ),
    declarations: [
      ...model.schemas.map((schema) => declarationOf(schema, sideOf(schema))),
      ...model.operations.flatMap((operation) => parameterDeclarationsOf(operation, openNames, client)),
    ],
  };
}

function apiView({ baseUrl, schemes, security }: SdkApi) {
  const entries = schemes.map(({ name, kind, key: place, tokenUrl }) => {
    const fields = place
      ? `type: 'apiKey', in: ${literal(place.in)}, name: ${literal(place.name)}`
      : `type: ${literal(kind)}${tokenUrl ? `, tokenUrl: ${literal(tokenUrl)}` : ''}`;
    return `  ${key(name)}: { ${fields} },`;
  });
  const secrets = schemes.map(({ name, description, kind, tokenUrl }) => {
    const text = doc('  ', [SECRETS[kind], description]);
    return `${text}\n  ${key(name)}?: ${secretType(kind, tokenUrl)} | undefined;`;
  });
  return {
    baseUrl: literal(baseUrl),
    securitySchemes: entries.length > 0 ? `{\n${entries.join('\n')}\n}` : '{}',
    security: JSON.stringify(security),
    credentialMembers: secrets.join('\n'),
  };
}

const SECRETS = {
  apiKey: 'API key.',
  basic: 'User name and password.',
  bearer: 'Bearer token.',
  oauth2: 'OAuth 2.0 access token.',
} as const;

function secretType(kind: SdkSecurityScheme['kind'], tokenUrl: string | undefined): string {
  if (kind === 'basic') return '{ username: string; password: string }';
  return tokenUrl === undefined ? 'string' : 'string | { clientId: string; clientSecret: string }';
}

/** The errors that an operation declares, each with its body. */
function errorTypeOf({ id, errors, typeNames }: SdkOperation, prefix: string) {
  const known = errors.filter(({ type }) => type !== undefined);
  if (known.length === 0) return [];
  const apiError = `${prefix}ApiError`;
  const members = known.map(({ status, type }) => {
    const fields = /^\d+$/.test(status) ? `readonly status: ${status}; ` : '';
    return `(${apiError} & { ${fields}readonly body: ${typeText(type ?? JSON_VALUE, 'received')} })`;
  });
  return [
    {
      doc: doc('', [`The error responses of {@link ${prefix}Client.${methodName(id)}}. \`status\` narrows the body.`]),
      text: `export type ${typeNames.error} = ${[...new Set(members)].join(' | ')};`,
    },
  ];
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

function declarationOf({ name, description, deprecated, type }: SdkSchema, side: Side) {
  const written = typeText(type, side);
  const text = type.kind === 'object' ? `export interface ${name} ${written}` : `export type ${name} = ${written};`;
  return { doc: doc('', [description], deprecated ? ['@deprecated'] : []), text };
}

/** The interfaces of the parameters of an operation: one for each place but the path. */
function parameterDeclarationsOf(operation: SdkOperation, openNames: readonly string[], client: string) {
  const { id, typeNames, queryParams, headerParams, cookieParams } = operation;
  return (
    [
      ['Query parameters', typeNames.query, queryParams],
      ['Header parameters', typeNames.header, headerParams],
      ['Cookies', typeNames.cookie, cookieParams],
    ] as const
  )
    .filter(([, , params]) => params.length > 0)
    .map(([what, name, params]) => ({
      doc: doc('', [`${what} of {@link ${client}.${methodName(id)}}.`]),
      text: `export interface ${name} {\n${members(
        params.map((each) => acceptingAnyValue(each, openNames)),
        'sent',
      )}\n}`,
    }));
}

/** Allows any string in a filter, because the value may have been added after the client was generated. */
function acceptingAnyValue(property: SdkProperty, openNames: readonly string[]): SdkProperty {
  const { type } = property;
  if (type.kind !== 'reference' || !openNames.includes(type.name)) return property;
  // The empty intersection keeps completion of the known values in editors; plain `string` would absorb the literals.
  return { ...property, type: { kind: 'reference', name: `${type.name} | (string & {})` } };
}
