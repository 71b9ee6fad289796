import { type Template, textTemplate } from '../templates.ts';
import type { Language } from './language.ts';
import type { SdkModel, SdkRegistry, SdkRegistryValue } from './model.ts';
import { SDK_ERRORS, type SdkError } from './problems.ts';
import { methodsOf } from './python-methods.ts';
import { docstring, listed, stringLiteral } from './python-text.ts';
import { declarationsOf, literalAlias, typeText } from './python-types.ts';

const CLIENT = 'python/client.py.hbs';
/** The part with the client classes. */
const CLIENTS = 'python/clients.py.hbs';
const RUNTIME = [
  ...[
    'debug_log',
    'forks',
    'values',
    'errors',
    'http_messages',
    'options',
    'network',
    'revision_watch',
    'problems',
    'retry',
  ],
  ...['credentials', 'base', 'tokens', 'pool', 'blocking', 'httpx_transport', 'async_runtime', 'asynchronous', 'pages'],
  ...['batches', 'reporter_queue', 'reporter', 'async_reporter', 'webhooks'],
];

/** `ihf-client.py`: one file. The synchronous client needs only the standard library. */
export const python: Language = {
  sources: [CLIENT, CLIENTS, ...RUNTIME.map(runtimePath)],
  compile(source) {
    const [template, clients] = [CLIENT, CLIENTS].map((path) => textTemplate(source(path))) as [Template, Template];
    const runtime = Object.fromEntries(RUNTIME.map((name) => [name, renderedRegion(source(runtimePath(name)))]));
    const runtimeExports = Object.values(runtime).flatMap(publicNames);
    return (model) => {
      const view = viewOf(model, runtimeExports);
      const text = clients(view).trimEnd();
      rejectMissingForms(text, Object.values(runtime).join('\n'));
      return template({ ...view, ...runtime, clients: text });
    };
  },
};

/**
 * The printer knows more forms of parameters and bodies than the runtime implements.
 * @throws Error that names the method which needs one of them.
 */
function rejectMissingForms(clients: string, runtime: string): void {
  const defined = new Set([...runtime.matchAll(/^(?:async )?def (_\w+)|^(_[a-z]\w*) =/gm)].map(([, a, b]) => a ?? b));
  for (const { 1: name = '', index } of clients.matchAll(/(?<![\w.]|def )(_[a-z]\w*)\(/g)) {
    if (defined.has(name)) continue;
    const method = [...clients.slice(0, index).matchAll(/ def (\w+)\(/g)].at(-1)?.[1];
    throw new Error(
      `The Python SDK has no form yet for a parameter, body or response of '${method}' (${name}). Use JSON bodies, and path and query parameters in their default style.`,
    );
  }
}

function runtimePath(name: string): string {
  return `python/${name}.py`;
}

/** The marked region of a runtime file. The rest only serves to type-check the file on its own. */
function renderedRegion(text: string): string {
  const [, part] = /^# region rendered\n(.*?)\n+# endregion$/ms.exec(text) ?? [];
  if (part === undefined) throw new Error("A file of the SDK runtime lacks the line '# region rendered'");
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
      'ValueInfo',
      'WebhookMessage',
      'verify_webhook',
      'sign_webhook',
      'is_known_value',
      'is_usable_value',
    ],
    ...registries.flatMap(({ closedName, knownName, unknownName, openName, constName }) => [
      ...[closedName, knownName, unknownName, openName, constName],
    ]),
    ...model.schemas.map(({ name }) => name),
    ...SDK_ERRORS.map(({ name }) => name),
    ...runtimeExports,
  ];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw new Error(`The Python SDK would define '${twice}' twice. Rename the schema.`);
  return {
    doc: docstring([`Client for ${model.title}.`], 0),
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
    exports: names.sort(byKindThenName).map(stringLiteral),
    // A registry without values needs it.
    usesNoReturn: registries.some(({ closedAlias, knownAlias }) =>
      /= NoReturn$/m.test(`${closedAlias}\n${knownAlias}`),
    ),
    registries,
    declarations: declarationsOf(model),
    webhookMessages: model.webhookMessages.map((type) => typeText(type, 'received')),
    methods: methodsOf(model),
  };
}

/** The order in which linters want exported names: constants, classes, functions. */
function byKindThenName(a: string, b: string): number {
  const kind = (name: string) => (/^[A-Z][A-Z0-9_]*$/.test(name) ? 0 : /^[A-Z]/.test(name) ? 1 : 2);
  return kind(a) - kind(b) || (a < b ? -1 : 1);
}

function errorEntries({ name, status, type }: SdkError): string[] {
  return [
    ...(status === undefined ? [] : [`${status}: ${name}`]),
    ...(type === undefined ? [] : [`${stringLiteral(type)}: ${name}`]),
  ];
}

function registryOf({ name, closed, open, values, accepted }: SdkRegistry) {
  const constName = name.toUpperCase();
  const acceptedValues = values.filter((value) => accepted.includes(value.name));
  const [knownName, unknownName] = [`Known${closed.name}`, `Unknown${closed.name}`];
  return {
    closedName: closed.name,
    closedAlias: literalAlias(closed.name, accepted),
    closedDoc: docstring([closed.description, acceptedValues.map(valueLine).join('\n')], 0),
    knownName,
    knownAlias: literalAlias(
      knownName,
      values.map((value) => value.name),
    ),
    knownDoc: docstring([`The keys of \`${constName}\`. Use it as a key type for exhaustive mappings.`], 0),
    unknownName,
    unknownLiteral: stringLiteral(unknownName),
    unknownDoc: docstring([`A value of the registry \`${name}\` that was added after this client was generated.`], 0),
    openName: open.name,
    openDoc: docstring(
      [
        open.description,
        'May be a value that was added after this client was generated, so a match statement needs a default case.',
      ],
      0,
    ),
    constName,
    constDoc: docstring([`Every value of the registry \`${name}\`, including retired ones.`], 0),
    values: values.map(valueEntry),
  };
}

function valueEntry({ name, label, description, status, replacedBy, sunsetAt }: SdkRegistryValue): string {
  const fields = [
    ...[label, description].map(stringLiteral),
    ...(status === 'active' ? [] : [`status=${stringLiteral(status)}`]),
    ...(replacedBy === null ? [] : [`replaced_by=${stringLiteral(replacedBy)}`]),
    ...(sunsetAt === null ? [] : [`sunset_at=${stringLiteral(sunsetAt)}`]),
  ];
  return listed(`${stringLiteral(name)}: ValueInfo`, ['(', ')'], fields, 8);
}

function valueLine({ name, label, description, status, replacedBy, sunsetAt }: SdkRegistryValue): string {
  const remarks = [
    ...(status === 'deprecated' ? ['Deprecated.'] : []),
    ...(replacedBy === null ? [] : [`Use "${replacedBy}" instead.`]),
    ...(sunsetAt === null ? [] : [`Planned retirement: ${sunsetAt}.`]),
  ];
  return [`- "${name}": ${description || label}`, ...remarks].join(' ').replace(/\s+/g, ' ');
}
