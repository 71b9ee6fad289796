import { type Document, operationsOf } from './document.ts';
import { versionOf } from './sdk/model.ts';

/** What every generator is told, unless it is told otherwise: an answer may have more properties than are named. */
const ALWAYS: GeneratorProperties = { disallowAdditionalPropertiesIfNotPresent: 'false' };

/** What a generator has to be told for what it writes to compile. */
const BY_GENERATOR: Readonly<Record<string, GeneratorProperties>> = {
  // All constants are in one package, where the ACTIVE of one enum is the ACTIVE of another.
  go: { enumClassPrefix: 'true' },
};

/** Generators whose compilers want names of another shape than `x-enum-varnames` has: they make them themselves. */
const NAMES_ITSELF = new Set(['rust']);

/** Properties of a generator of openapi-generator, by name. */
export type GeneratorProperties = Readonly<Record<string, string>>;

export function generatorProperties(generator: string): GeneratorProperties {
  return { ...ALWAYS, ...BY_GENERATOR[generator] };
}

/**
 * The document that a client in any other language is generated from: the published one, without what no client
 * calls, and with what is repeated in every file in one sentence.
 *
 * @param address That of the hub it was read from, with a slash at its end: the server that a client calls by itself.
 */
export function generatorInput(published: Document, generator: string, address?: string): Document {
  const document = structuredClone(published);
  const { info } = document;
  const revision = info['x-ihf-revision'];
  if (revision !== undefined) info.version = versionOf(document, revision);
  if (typeof info.summary === 'string') info.description = info.summary;
  if (address !== undefined) document.servers = serversAt(document.servers, address);
  // Its messages are schemas too, and stay; generators would make calls of them.
  delete document.webhooks;
  for (const { path, method, operation } of operationsOf(published)) {
    if (operation['x-ihf-protocol'] === 'packages') delete document.paths[path]?.[method];
  }
  if (NAMES_ITSELF.has(generator)) {
    for (const schema of Object.values(document.components.schemas ?? {})) delete schema['x-enum-varnames'];
  }
  return document;
}

/** A server's relative address goes from the hub that served the document, which may be below a path of its own. */
function serversAt(servers: unknown, address: string): { url: string }[] {
  const found = Array.isArray(servers) && servers.length > 0 ? (servers as { url: string }[]) : [{ url: '/' }];
  return found.map((server) => ({
    ...server,
    url: new URL(server.url.replace(/^\//, ''), address).href.replace(/\/$/, ''),
  }));
}
