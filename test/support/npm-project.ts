import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { typescriptPackage } from './typescript-sdk.ts';

const run = promisify(execFile);

/** Creates a project with packages from npm, and with the npm package of the TypeScript SDK as `ihf-client`. */
export async function npmProject(folder: string, packages: readonly string[], files = typescriptPackage()) {
  writeInto(folder, { 'package.json': '{ "private": true }' });
  await run('npm', ['install', '--no-audit', '--no-fund', ...packages], { cwd: folder });
  const installed = Object.entries(files).map(([name, text]) => [name.replace('package/', ''), text]);
  writeInto(join(folder, 'node_modules/ihf-client'), Object.fromEntries(installed));
}

export function writeInto(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}
