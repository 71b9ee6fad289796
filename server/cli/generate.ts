import { readdir, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseContract } from '../../codegen/authored.ts';
import type { Document } from '../../codegen/document.ts';
import { type GeneratorProperties, generatorInput, generatorProperties } from '../../codegen/generator-input.ts';
import { Renderer } from '../contract/renderer.ts';
import { IhfError } from '../errors.ts';
import { readTemplates } from '../project-files.ts';
import { readCurrentRevision } from '../store/contract/revisions.ts';
import type { Database } from '../store/database/database.ts';
import { type CliCommand, type CliInput, type CliResult, UsageError } from './command.ts';
import { GENERATOR_VERSION, generateClient } from './openapi-generator.ts';

const PATIENCE_MS = 30_000;

/** A contract, and where it was read if that was a hub. */
interface Source {
  document: Document;
  address?: string;
}

export const generate: CliCommand = {
  summary: 'write a client in any language that openapi-generator knows',
  arguments: [],
  options: {
    generator: 'its name: go, java, rust …',
    out: 'the folder to write, which is new or empty',
    hub: 'the address of a running hub, whose contract it is',
    file: 'the file with the contract, in place of a hub or the database',
    properties: "what is passed on to the generator, as 'name=value,name=value'",
  },
  alone(input) {
    const { hub, file } = input;
    if (hub && file) throw new UsageError('It takes --hub or --file, not both.');
    if (hub) return write(input, () => readFromHub(hub));
    if (file) return write(input, () => readFromFile(file));
    return undefined;
  },
  run(input, { database }) {
    return write(input, () => readFromDatabase(database));
  },
};

async function write({ generator, out, properties }: CliInput, read: () => Promise<Source>): Promise<CliResult> {
  if (!generator) throw new UsageError('--generator is missing. It is go, java or rust for example.');
  if (!out) throw new UsageError('--out is missing. It is the folder to write.');
  const given = readProperties(properties);
  await refuseUsed(out);
  const { document, address } = await read();
  await generateClient({
    generator,
    document: generatorInput(document, generator, address),
    properties: { ...generatorProperties(generator), ...given },
    out: resolve(out),
  });
  const revision = document.info['x-ihf-revision'] ?? null;
  // The authored document has places for the words, and no words.
  const of =
    revision === null ? 'a contract without a revision: a word may be any string' : `contract revision ${revision}`;
  return {
    json: { out, generator, generator_version: GENERATOR_VERSION, revision },
    text: `${out}: a client by the generator ${generator}, of ${of}.`,
  };
}

function readProperties(text = ''): GeneratorProperties {
  const parts = text.split(',').filter((part) => part.trim() !== '');
  return Object.fromEntries(
    parts.map((part) => {
      const [, name, value] = /^\s*([\w.-]+)\s*=(.*)$/.exec(part) ?? [];
      if (!name) throw new UsageError(`--properties has '${part}'. It goes: name=value,name=value`);
      return [name, value ?? ''];
    }),
  );
}

async function refuseUsed(out: string): Promise<void> {
  const files = await readdir(out).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new UsageError(`--out is '${out}', which is no folder: ${error.message}.`);
  });
  if (files.length > 0) throw new UsageError(`--out is '${out}', which is not empty. Empty it, or name a new folder.`);
}

async function readFromDatabase(database: Database): Promise<Source> {
  const { revision } = await readCurrentRevision(database);
  const artifact = await new Renderer(database, await readTemplates()).artifact(revision, 'openapi.json');
  if (!artifact) throw new IhfError('not_found', 'No contract is published yet. Start the hub once.');
  return { document: JSON.parse(artifact.content.toString()) };
}

async function readFromFile(file: string): Promise<Source> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new UsageError(`--file is '${file}', which cannot be read: ${error.message}.`);
  });
  return { document: contractIn(text, file) };
}

async function readFromHub(hub: string): Promise<Source> {
  const base = URL.canParse(hub) ? new URL(hub.endsWith('/') ? hub : `${hub}/`) : undefined;
  if (!base?.protocol.startsWith('http')) {
    throw new UsageError(`--hub is '${hub}'. It is an address, http://127.0.0.1:3000 for example.`);
  }
  const address = new URL('api/v2/openapi.json', base).href;
  const unreachable = ({ message, cause }: Error) =>
    new Error(`The hub ${hub} cannot be reached: ${(cause as Error | undefined)?.message ?? message}.`);
  const response = await fetch(address, { signal: AbortSignal.timeout(PATIENCE_MS) }).catch((error) => {
    throw unreachable(error);
  });
  if (!response.ok) throw new Error(`${address} answers ${response.status}. Is ${hub} the address of a hub?`);
  const text = await response.text().catch((error) => {
    throw unreachable(error);
  });
  return { document: contractIn(text, address), address: base.href };
}

function contractIn(text: string, place: string): Document {
  try {
    return parseContract(text);
  } catch (error) {
    throw new Error(`${place} holds no contract. ${(error as Error).message.split('\n')[0]}`);
  }
}
