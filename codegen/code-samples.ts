import {
  type Document,
  deref,
  type Json,
  type Operation,
  operationsOf,
  type Parameter,
  type Schema,
} from './document.ts';
import { identifier, stringLiteral } from './sdk/python-text.ts';

/** Adds samples to every operation of a live document, with the values of its examples. */
export function addCodeSamples(document: Document): void {
  for (const { path, method, operation } of operationsOf(document)) {
    const call = callOf(document, path, method, operation);
    operation['x-codeSamples'] = [
      { lang: 'Shell', label: 'curl', source: curl(call) },
      // The SDKs have no methods for OAuth 2.0 and packages.
      ...(operation['x-ihf-protocol'] === undefined
        ? ([
            { lang: 'TypeScript', label: 'TypeScript', source: typescript(call) },
            { lang: 'Python', label: 'Python', source: python(call) },
          ] as const)
        : []),
    ];
  }
}

interface Call {
  id: string;
  method: string;
  path: string;
  authenticated: boolean;
  pathValues: Json[];
  /** Required parameters only: a sample should not filter without a reason. */
  query: [string, Json][];
  mediaType?: string;
  body?: Json;
}

function callOf(document: Document, path: string, method: string, operation: Operation): Call {
  const parameters = (operation.parameters ?? []).map((each) => deref<Parameter>(document, each));
  const value = ({ example = '…' }: Parameter) => example;
  const [mediaType, media] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const [example] = Object.values(media?.examples ?? {});
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => parameters.find((each) => each.name === name));
  return {
    id: operation.operationId,
    method: method.toUpperCase(),
    path,
    authenticated: (operation.security ?? document.security ?? []).some((scheme) => 'ApiKey' in scheme),
    pathValues: inPath.map((parameter) => (parameter ? value(parameter) : '…')),
    query: parameters.filter((each) => each.in === 'query' && each.required).map((each) => [each.name, value(each)]),
    ...(mediaType !== undefined && { mediaType, body: example?.value ?? {} }),
  };
}

function curl({ method, path, authenticated, pathValues, query, mediaType, body }: Call): string {
  let index = 0;
  const target = path.replace(/\{\w+\}/g, () => encodeURIComponent(String(pathValues[index++])));
  const search = new URLSearchParams(query.map(([name, value]) => [name, String(value)])).toString();
  const form = mediaType === 'application/x-www-form-urlencoded';
  return [
    `curl ${method === 'GET' ? '' : `-X ${method} `}"$IHF_BASE_URL${target}${search && `?${search}`}"`,
    ...(authenticated ? ['-H "Authorization: Bearer $IHF_API_KEY"'] : []),
    ...(form ? ['-u "$IHF_CLIENT_ID:$IHF_CLIENT_SECRET"'] : []),
    ...(form
      ? Object.entries(body as object).map(([name, value]) => `--data-urlencode ${quoted(`${name}=${value}`)}`)
      : []),
    ...(mediaType && !form ? [`-H 'Content-Type: ${mediaType}'`, `-d ${quoted(JSON.stringify(body))}`] : []),
  ].join(' \\\n  ');
}

/** A word of a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function typescript({ id, pathValues, query, body }: Call): string {
  const options = query.length > 0 ? [Object.fromEntries(query)] : [];
  const values = [...pathValues, ...(body === undefined ? [] : [body]), ...options];
  return [
    "import { IhfClient } from '@ihf/client';",
    '',
    'const ihf = new IhfClient();',
    `const result = await ihf.${id}(${values.map((value) => JSON.stringify(value, null, 2)).join(', ')});`,
    'console.log(result);',
  ].join('\n');
}

function python({ id, pathValues, query, body }: Call): string {
  const properties = Object.entries((body ?? {}) as Record<string, Json>);
  const named = [...properties, ...query].map(([name, value]) => `${identifier(name)}=${pythonLiteral(value)}`);
  const values = [...pathValues.map(pythonLiteral), ...named];
  const call = `    result = ihf.${identifier(id)}`;
  const line = `${call}(${values.join(', ')})`;
  return [
    'from ihf_client import IhfClient',
    '',
    'with IhfClient() as ihf:',
    ...(line.length <= 100 ? [line] : [`${call}(`, ...values.map((value) => `        ${value},`), '    )']),
    '    print(result)',
  ].join('\n');
}

function pythonLiteral(value: Json): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return stringLiteral(value);
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, child]) => `${stringLiteral(key)}: ${pythonLiteral(child)}`)
    .join(', ')}}`;
}

/** An example of a parameter, replaced if its schema lists values and it is none of them. */
export function parameterExample(document: Document, { example, schema }: Parameter): Json | undefined {
  const { enum: accepted, 'x-extensible-enum': known } = deref<Schema>(document, schema as { $ref: string });
  const values = accepted ?? known;
  return values === undefined || example === undefined || values.includes(example as string) ? example : values[0];
}
