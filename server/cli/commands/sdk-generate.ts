import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readAnyDocument } from '../../../codegen/any-document.ts';
import type { Document } from '../../../codegen/document.ts';
import { type GeneratorProperties, generatorInput, generatorProperties } from '../../../codegen/generator-input.ts';
import { renderAnySdk } from '../../../codegen/sdk/render.ts';
import { readTemplates } from '../../project-files.ts';
import { defineCommand, UsageError } from '../command.ts';
import {
  type ContractSource,
  readContractFromFile,
  readContractFromServer,
  withAnyDocument,
} from '../contract-source.ts';
import { GENERATOR_VERSION, generateClient } from '../openapi-generator.ts';
import type { Session } from '../session.ts';
import { readCurrentArtifact } from './current-artifact.ts';

/** The generator of the TypeScript SDK. It makes a client of any OpenAPI document. */
const IHF_TYPESCRIPT = 'ihf-typescript';

export const generate = defineCommand({
  summary: 'Generate a client of this or another API',
  arguments: {},
  options: {
    generator: {
      value: 'NAME',
      description: 'ihf-typescript, or a generator of openapi-generator: go, java, rust, …',
      required: true,
    },
    out: { value: 'DIR', description: 'Directory to write, new or empty', required: true },
    server: { value: 'URL', description: 'Read the contract from a running server', otherwise: 'the database' },
    file: { value: 'FILE', description: 'Read the contract from a file', otherwise: 'the database' },
    properties: {
      value: 'LIST',
      description: 'Properties of the generator, as NAME=VALUE,NAME=VALUE',
      otherwise: 'none',
    },
  },
  examples: [
    'sdk generate --generator go --server http://127.0.0.1:3000 --out client --properties packageName=ihf',
    'sdk generate --generator rust --file openapi.json --out client',
    'sdk generate --generator ihf-typescript --file petstore.yaml --out client',
  ],
  async run({ generator, out, server, file, properties = '' }, session) {
    if (server && file) throw new UsageError('--server and --file exclude each other. Use one of them.');
    const given = parseProperties(properties);
    await checkEmpty(out);
    if (generator === IHF_TYPESCRIPT) {
      if (properties) throw new UsageError(`--properties must be omitted with --generator ${IHF_TYPESCRIPT}.`);
      return generateTypescript({ server, file }, out, session);
    }
    const { document, url } = await readContract({ server, file }, session);
    await generateClient({
      generator,
      document: generatorInput(document, generator, url),
      properties: { ...generatorProperties(generator), ...given },
      out: resolve(out),
    });
    const revision = document.info['x-ihf-revision'] ?? null;
    // An authored document marks where registry values go, and has none.
    const source =
      revision === null
        ? 'a contract without registry values: their fields accept any string'
        : `contract revision ${revision}`;
    return {
      json: { out, generator, generator_version: GENERATOR_VERSION, revision },
      text: `Wrote ${out} with generator ${generator} from ${source}.`,
    };
  },
});

interface Source {
  server: string | undefined;
  file: string | undefined;
}

/** A file may hold any OpenAPI document. */
async function generateTypescript(source: Source, out: string, session: Session) {
  const templates = await readTemplates();
  const render = (document: Document) => renderAnySdk(document, templates);
  const { file, className, operations, text } = source.file
    ? await withAnyDocument(source.file, render)
    : render(readAnyDocument(JSON.stringify((await readContract(source, session)).document)));
  const path = join(out, file);
  await mkdir(out, { recursive: true });
  await writeFile(path, text);
  return {
    json: { out, generator: IHF_TYPESCRIPT, file, class: className, operations },
    text: `Wrote ${path}: the class ${className} with ${operations} ${operations === 1 ? 'operation' : 'operations'}.`,
  };
}

async function readContract({ server, file }: Source, session: Session): Promise<ContractSource> {
  if (server) return readContractFromServer(server);
  if (file) return readContractFromFile(file);
  const { content } = await readCurrentArtifact(await session.read(), 'openapi.json', session.config().publicUrl);
  return { document: JSON.parse(content.toString()) };
}

function parseProperties(text: string): GeneratorProperties {
  const parts = text.split(',').filter((part) => part.trim() !== '');
  return Object.fromEntries(
    parts.map((part) => {
      const [, name, value] = /^\s*([\w.-]+)\s*=(.*)$/.exec(part) ?? [];
      if (!name) throw new UsageError(`--properties must be NAME=VALUE,NAME=VALUE (got '${part}').`);
      return [name, value ?? ''];
    }),
  );
}

async function checkEmpty(out: string): Promise<void> {
  const files = await readdir(out).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new UsageError(`--out must be a directory (got '${out}'): ${error.message}.`);
  });
  if (files.length > 0) throw new UsageError(`--out must be empty (got '${out}'). Empty it or use a new directory.`);
}
