import { textTemplate } from '../templates.ts';
import type { Language } from './language.ts';
import type { SdkModel, SdkOperation, SdkRegistry, SdkSchema, SdkWord } from './model.ts';
import { SDK_ERRORS, type SdkError } from './problems.ts';
import type { SdkProperty } from './types.ts';
import { camel, methodOf, pascal, queryName } from './typescript-methods.ts';
import { comment, doc, key, literal, members, tag, typeText, union } from './typescript-print.ts';

const CLIENT = 'typescript/client.ts.hbs';
const RUNTIME = [
  ...['words', 'errors', 'problems', 'hooks', 'revision-watch', 'options', 'request'],
  ...['limits', 'retry', 'credentials', 'exchange', 'transport', 'pages', 'batches', 'webhooks'],
];

/** `ihf-client.ts`: one file without dependencies. */
export const typescript: Language = {
  sources: [CLIENT, ...RUNTIME.map(runtimePath)],
  compile(source) {
    const template = textTemplate(source(CLIENT));
    const runtime = Object.fromEntries(RUNTIME.map((name) => [camel(name), rendered(source(runtimePath(name)))]));
    return (model) => template({ ...viewOf(model), ...runtime });
  },
};

/** The sources of the runtime, in the order in which they build on each other. */
export const TYPESCRIPT_RUNTIME: readonly string[] = RUNTIME.map(runtimePath);

/** The runtime as one text, for the package: its types and its JavaScript are made of it once, at the build. */
export function typescriptRuntime(source: (path: string) => string): string {
  return TYPESCRIPT_RUNTIME.map((path) => rendered(source(path))).join('\n\n');
}

function runtimePath(name: string): string {
  return `typescript/${name}.ts`;
}

/** The part of a runtime file that goes into the client: the rest holds it together while it stands alone. */
function rendered(text: string): string {
  const [, part] = /^\/\/#region rendered\n(.*)\n\/\/#endregion$/ms.exec(text) ?? [];
  if (part === undefined) throw new Error('An SDK runtime file has no region that is rendered');
  return part;
}

export function viewOf(model: SdkModel) {
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
    unknownTopic: unknownWord('UnknownTopic', 'A topic'),
    webhookMessages: [...model.webhookMessages, 'UnknownWebhookMessage'].join(' | '),
    declarations: [
      ...model.schemas.map(declarationOf),
      ...model.operations.flatMap((operation) => queryDeclarationOf(operation, openNames)),
    ],
  };
}

function errorClass({ name, parent, description, status, type }: SdkError) {
  // A class that stands for a status needs no type: the hub answers that type with no other.
  const found = status ?? literal(type?.replace(/^urn:ihf:problem:/, '') ?? '');
  return { name, parent, doc: doc('', [description]), kind: `kind(${name}, ${literal(name)}, ${found});` };
}

function registryOf({ name, closed, open, words, usable }: SdkRegistry) {
  const constName = pascal(name);
  // Editors strike out a deprecated property, but not a member of a union: the type's own comment has to say it.
  const deprecated = words.filter((word) => word.status === 'deprecated');
  const remarks = deprecated.map((word) => `- \`${word.name}\`: ${remarkOn(word)}`).join('\n');
  return {
    constName,
    constDoc: doc('', [`Every word of the registry \`${name}\`, also those that are retired.`]),
    words: words.map((word) => ({ doc: wordDoc(word), entry: wordEntry(word) })),
    knownName: `Known${closed.name}`,
    knownDoc: doc('', [`Every word of {@link ${constName}}: a key for what is to say something of each.`]),
    unknown: unknownWord(`Unknown${closed.name}`, `A word of the registry \`${name}\``),
    closedName: closed.name,
    closedDoc: doc('', [closed.description, `{@link ${constName}} describes each.`, remarks]),
    closedType: union(usable),
    openName: open.name,
    openDoc: doc('', [
      open.description,
      'A word that is newer than this file arrives as it is: a switch over the known ones leaves it to the default.',
    ]),
  };
}

/** A type of one value, since no other narrows; nothing at run time, so that it is exported as a type alone. */
function unknownWord(name: string, what: string) {
  return { name, doc: doc('', [`${what} that is newer than this file.`]), value: literal(`not known to this file`) };
}

function wordDoc(word: SdkWord): string {
  return doc('  ', [word.label, word.description], word.status === 'active' ? [] : [tag('deprecated', remarkOn(word))]);
}

/** What to know before using a word that is not active. */
function remarkOn({ status, replacedBy, sunsetAt }: SdkWord): string {
  const remarks = [
    status === 'retired' ? 'Retired: requests may not use it any more.' : 'Deprecated.',
    ...(replacedBy === null ? [] : [`Use \`${replacedBy}\` instead.`]),
    ...(status === 'deprecated' && sunsetAt !== null ? [`To be retired on ${sunsetAt}.`] : []),
  ];
  return remarks.join(' ');
}

function wordEntry({ name, ...about }: SdkWord): string {
  const { label, description, status, replacedBy, sunsetAt } = about;
  const fields = Object.entries({ label, description, status, replacedBy, sunsetAt }).map(
    ([field, value]) => `${field}: ${value === null ? 'null' : literal(value)}`,
  );
  return `${key(name)}: { ${fields.join(', ')} }`;
}

function declarationOf({ name, description, type }: SdkSchema) {
  const text =
    type.kind === 'object' ? `export interface ${name} ${typeText(type)}` : `export type ${name} = ${typeText(type)};`;
  return { doc: doc('', [description]), text };
}

function queryDeclarationOf({ id, queryParams }: SdkOperation, openNames: readonly string[]) {
  if (queryParams.length === 0) return [];
  const text = `export interface ${queryName(id)} {\n${members(queryParams.map((each) => anyWord(each, openNames)))}\n}`;
  return [{ doc: doc('', [`The query of {@link IhfClient.${id}}.`]), text }];
}

/** To look for a word that is newer than this file is no mistake, and takes no cast. */
function anyWord(property: SdkProperty, openNames: readonly string[]): SdkProperty {
  const { type } = property;
  if (type.kind !== 'reference' || !openNames.includes(type.name)) return property;
  // An empty intersection keeps the editor's completion of the known words, which plain `string` would swallow.
  return { ...property, type: { kind: 'reference', name: `${type.name} | (string & {})` } };
}
