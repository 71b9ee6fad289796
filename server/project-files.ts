import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type AuthoredContract, parseAuthoredContract } from '../codegen/authored.ts';
import { compileSdkTemplates, SDK_TEMPLATE_SOURCES, type SdkTemplates } from '../codegen/sdk/render.ts';

/** The root of the repository, relative to the compiled file. */
const ROOT = new URL('../../', import.meta.url);

export const MIGRATIONS = fileURLToPath(new URL('migrations', ROOT));

/** The version of this software, from package.json. */
export async function readVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(new URL('package.json', ROOT), 'utf8')) as { version: string };
  return version;
}

/** The contract as authored in openapi.yaml. */
export async function readContract(): Promise<AuthoredContract> {
  return parseAuthoredContract(await readFile(new URL('openapi.yaml', ROOT), 'utf8'));
}

export async function readTemplates(): Promise<SdkTemplates> {
  const sources = await Promise.all(
    SDK_TEMPLATE_SOURCES.map(
      async (path) => [path, await readFile(new URL(`sdk-templates/${path}`, ROOT), 'utf8')] as const,
    ),
  );
  return compileSdkTemplates(Object.fromEntries(sources));
}
