import { type Document, operationsOf } from './document.ts';

/** Set for every generator unless overridden: responses may have properties that the contract does not list. */
const COMMON_PROPERTIES: GeneratorProperties = { disallowAdditionalPropertiesIfNotPresent: 'false' };

/** Set for one generator, because its code does not compile otherwise. */
const PROPERTIES_BY_GENERATOR: Readonly<Record<string, GeneratorProperties>> = {
  // All constants are in one package, where ACTIVE of one enum would clash with ACTIVE of another.
  go: { enumClassPrefix: 'true' },
};

/** Generators that must derive constant names themselves, because `x-enum-varnames` does not fit their language. */
const WITHOUT_VARNAMES = new Set(['rust']);

/** Additional properties of an openapi-generator generator, by name. */
export type GeneratorProperties = Readonly<Record<string, string>>;

export function generatorProperties(generator: string): GeneratorProperties {
  return { ...COMMON_PROPERTIES, ...PROPERTIES_BY_GENERATOR[generator] };
}

/**
 * The document from which openapi-generator generates a client: the published one without webhooks and package
 * downloads, and with a one-sentence description, which generators repeat in every file.
 *
 * @param serverUrl Base URL of the server it was read from, with a trailing slash: the default server of the client.
 */
export function generatorInput(published: Document, generator: string, serverUrl?: string): Document {
  const document = structuredClone(published);
  const { info } = document;
  if (typeof info.summary === 'string') info.description = info.summary;
  if (serverUrl !== undefined) document.servers = absoluteServers(document.servers, serverUrl);
  // Generators would render webhooks as calls. The schemas of the messages stay.
  delete document.webhooks;
  for (const { path, method, operation } of operationsOf(published)) {
    if (operation['x-ihf-protocol'] === 'packages') delete document.paths[path]?.[method];
  }
  if (WITHOUT_VARNAMES.has(generator)) {
    for (const schema of Object.values(document.components.schemas ?? {})) delete schema['x-enum-varnames'];
  }
  return document;
}

/** Resolves relative server URLs. The server may be mounted below a path, so they are resolved against all of it. */
function absoluteServers(servers: unknown, baseUrl: string): { url: string }[] {
  const found = Array.isArray(servers) && servers.length > 0 ? (servers as { url: string }[]) : [{ url: '/' }];
  return found.map((server) => ({
    ...server,
    url: new URL(server.url.replace(/^\//, ''), baseUrl).href.replace(/\/$/, ''),
  }));
}
