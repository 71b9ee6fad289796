import { type Template, textTemplate } from '../templates.ts';
import type { Language } from './language.ts';
import type { SdkModel, SdkRegistry, SdkWord } from './model.ts';
import { SDK_ERRORS, type SdkError } from './problems.ts';
import { methodOf } from './python-methods.ts';
import { docstring, listed, stringLiteral } from './python-text.ts';
import { declarationsOf, literalAlias } from './python-types.ts';

const CLIENT = 'python/client.py.hbs';
/** The part of it that has the clients' methods. */
const CLIENTS = 'python/clients.py.hbs';
const RUNTIME = [
  ...['words', 'errors', 'messages', 'options', 'revision_watch', 'problems', 'retry', 'credentials', 'base'],
  ...['tokens', 'pool', 'blocking', 'httpx_transport', 'asynchronous', 'pages', 'batches', 'webhooks'],
];

/** `ihf-client.py`: one file; the synchronous client needs nothing but the standard library. */
export const python: Language = {
  sources: [CLIENT, CLIENTS, ...RUNTIME.map(runtimePath)],
  compile(source) {
    const [template, clients] = [CLIENT, CLIENTS].map((path) => textTemplate(source(path))) as [Template, Template];
    const runtime = Object.fromEntries(RUNTIME.map((name) => [name, rendered(source(runtimePath(name)))]));
    const runtimeExports = Object.values(runtime).flatMap(publicNames);
    return (model) => {
      const view = viewOf(model, runtimeExports);
      return template({ ...view, ...runtime, clients: clients(view).trimEnd() });
    };
  },
};

function runtimePath(name: string): string {
  return `python/${name}.py`;
}

/** The part of a runtime file that goes into the client: the rest holds it together while it stands alone. */
function rendered(text: string): string {
  const [, part] = /^# region rendered\n(.*?)\n+# endregion$/ms.exec(text) ?? [];
  if (part === undefined) throw new Error('An SDK runtime file has no region that is rendered');
  return part;
}

function publicNames(text: string): string[] {
  return [...text.matchAll(/^(?:class )?([A-Z]\w*)(?=[(:])/gm)].map(([, name]) => name as string);
}

function viewOf(model: SdkModel, runtimeExports: string[]) {
  const registries = model.registries.map(registryOf);
  const names = [
    ...[
      'IhfClient',
      'AsyncIhfClient',
      'CONTRACT_REVISION',
      'CONTRACT_DIGEST',
      'Word',
      'WebhookMessage',
      'verify_webhook',
      'sign_webhook',
      'is_known_word',
    ],
    ...registries.flatMap(({ closedName, knownName, unknownName, openName, constName }) => [
      ...[closedName, knownName, unknownName, openName, constName],
    ]),
    ...model.schemas.map(({ name }) => name),
    ...SDK_ERRORS.map(({ name }) => name),
    ...runtimeExports,
  ];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw new Error(`The Python SDK would define '${twice}' twice`);
  return {
    doc: docstring([`The client of ${model.title}.`], 0),
    revision: model.revision,
    digest: model.digest,
    digestLiteral: stringLiteral(model.digest),
    version: stringLiteral(model.version),
    errorClasses: SDK_ERRORS.map(({ name, parent, description }) => ({
      name,
      parent,
      doc: docstring([description], 4),
    })),
    errorEntries: SDK_ERRORS.flatMap(errorEntries),
    exports: names.sort().map(stringLiteral),
    registries,
    declarations: declarationsOf(model),
    webhookMessages: model.webhookMessages,
    methods: model.operations.map((operation) => methodOf(operation, model)),
  };
}

function errorEntries({ name, status, type }: SdkError): string[] {
  return [
    ...(status === undefined ? [] : [`${status}: ${name}`]),
    ...(type === undefined ? [] : [`${stringLiteral(type)}: ${name}`]),
  ];
}

function registryOf({ name, closed, open, words, usable }: SdkRegistry) {
  const constName = name.toUpperCase();
  const usableWords = words.filter((word) => usable.includes(word.name));
  const [knownName, unknownName] = [`Known${closed.name}`, `Unknown${closed.name}`];
  return {
    closedName: closed.name,
    closedAlias: literalAlias(closed.name, usable),
    closedDoc: docstring([closed.description, usableWords.map(wordLine).join('\n')], 0),
    knownName,
    knownAlias: literalAlias(
      knownName,
      words.map((word) => word.name),
    ),
    knownDoc: docstring([`Every word of \`${constName}\`: a key for what is to say something of each.`], 0),
    unknownName,
    unknownLiteral: stringLiteral(unknownName),
    unknownDoc: docstring([`A word of the registry \`${name}\` that is newer than this file.`], 0),
    openName: open.name,
    openDoc: docstring(
      [
        open.description,
        'A word that is newer than this file arrives as it is: a match over the known ones leaves it to the last case.',
      ],
      0,
    ),
    constName,
    constDoc: docstring([`Every word of the registry \`${name}\`, also those that are retired.`], 0),
    words: words.map(wordEntry),
  };
}

function wordEntry({ name, label, description, status, replacedBy, sunsetAt }: SdkWord): string {
  const fields = [
    ...[label, description].map(stringLiteral),
    ...(status === 'active' ? [] : [`status=${stringLiteral(status)}`]),
    ...(replacedBy === null ? [] : [`replaced_by=${stringLiteral(replacedBy)}`]),
    ...(sunsetAt === null ? [] : [`sunset_at=${stringLiteral(sunsetAt)}`]),
  ];
  return listed(`${stringLiteral(name)}: Word`, ['(', ')'], fields, 8);
}

function wordLine({ name, label, description, status, replacedBy, sunsetAt }: SdkWord): string {
  const remarks = [
    ...(status === 'deprecated' ? ['Deprecated.'] : []),
    ...(replacedBy === null ? [] : [`Use "${replacedBy}" instead.`]),
    ...(sunsetAt === null ? [] : [`To be retired on ${sunsetAt}.`]),
  ];
  return [`- "${name}": ${description || label}`, ...remarks].join(' ').replace(/\s+/g, ' ');
}
