import { readFile } from 'node:fs/promises';
import { lineFinder, readAnyDocument } from '../../codegen/any-document.ts';
import { parseContract } from '../../codegen/authored.ts';
import type { Document } from '../../codegen/document.ts';
import { DocumentError } from '../../codegen/pointer.ts';
import { UsageError } from './command.ts';

const TIMEOUT_MS = 30_000;

/** A contract, and the base URL of the server that it was read from, if any. */
export interface ContractSource {
  document: Document;
  url?: string;
}

export async function readContractFromFile(file: string): Promise<ContractSource> {
  return { document: parseContractFrom(await readText(file), file) };
}

/** Reads and uses any OpenAPI document. An error in it names the file, the line, the JSON pointer and the remedy. */
export async function withAnyDocument<T>(file: string, use: (document: Document) => T): Promise<T> {
  const text = await readText(file);
  try {
    return use(readAnyDocument(text));
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    throw new Error(`${file}:${lineFinder(text)(error.pointer)}: ${error.message}`);
  }
}

function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: Error) => {
    throw new UsageError(`--file must be a readable file (got '${file}'): ${error.message}.`);
  });
}

/** @param server the base URL of a server, which may have a path. */
export async function readContractFromServer(server: string): Promise<ContractSource> {
  const base = URL.canParse(server) ? new URL(server.endsWith('/') ? server : `${server}/`) : undefined;
  if (!base?.protocol.startsWith('http')) {
    throw new UsageError(`--server must be an HTTP URL such as http://127.0.0.1:3000 (got '${server}').`);
  }
  const url = new URL('api/v2/openapi.json', base).href;
  const unreachable = ({ message, cause }: Error) =>
    new Error(`Cannot reach the server ${server}: ${(cause as Error | undefined)?.message || message}.`);
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch((error) => {
    throw unreachable(error);
  });
  if (!response.ok)
    throw new Error(`${url} returned ${response.status}. Check that ${server} is the URL of an IHF Hub server.`);
  const text = await response.text().catch((error) => {
    throw unreachable(error);
  });
  return { document: parseContractFrom(text, url), url: base.href };
}

function parseContractFrom(text: string, source: string): Document {
  try {
    return parseContract(text);
  } catch (error) {
    throw new Error(`${source} is not a contract. ${(error as Error).message.split('\n')[0]}`);
  }
}
