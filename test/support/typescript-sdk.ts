import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { Document, RegistryValues } from '../../codegen/document.ts';
import { liveDocument } from '../../codegen/live.ts';
import { compileSdkTemplates, renderPackage, renderSdk, SDK_TEMPLATE_SOURCES } from '../../codegen/sdk/render.ts';
import { authored, REGISTRIES, registryValue } from './contract.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

export const templates = compileSdkTemplates(
  Object.fromEntries(
    SDK_TEMPLATE_SOURCES.map((path) => [path, readFileSync(join(ROOT, 'sdk-templates', path), 'utf8')]),
  ),
);

export const REGISTRY_VALUES: RegistryValues = {
  registries: REGISTRIES,
  widget_types: [registryValue('button'), registryValue('link')],
  event_types: [
    registryValue('clicked', { description: 'The person pressed and released a pointer on the widget.' }),
    registryValue('pressed', { status: 'deprecated', replaced_by: 'clicked', sunset_at: '2027-03-31T00:00:00.000Z' }),
    registryValue('tapped', { status: 'retired', replaced_by: 'clicked' }),
  ],
  annotation_categories: [registryValue('bug')],
};

export function typescriptSdk(registryValues: RegistryValues = REGISTRY_VALUES, revision = 7): string {
  return renderSdk(liveDocument(authored, registryValues, revision), 'ihf-client.ts', templates);
}

/** The files of the npm package by their names in the archive, such as `package/index.js`. */
export function typescriptPackage(
  document: Document = liveDocument(authored, REGISTRY_VALUES, 7),
): Record<string, string> {
  const tar = gunzipSync(renderPackage(document, 'ihf-client.tgz', templates));
  const files: Record<string, string> = {};
  // A tar header holds the name and the octal size of the file that follows it; the archive ends with empty headers.
  for (let at = 0; tar[at] !== 0; ) {
    const [name = ''] = tar.toString('utf8', at, at + 100).split('\0');
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 135), 8);
    files[name] = tar.toString('utf8', at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

const COMPILERS = {
  '5.9': 'codegen/node_modules/typescript/bin/tsc',
  '7': 'node_modules/typescript/bin/tsc',
} as const;

/** The global types available to a consumer: those of a browser or of Node. */
const GLOBALS = {
  browser: { lib: ['es2022', 'dom', 'dom.iterable'], types: [] },
  node: { lib: ['es2022'], types: ['node'], typeRoots: [join(ROOT, 'node_modules/@types')] },
} as const;

export interface CompileError {
  /** `file.ts:line` */
  place: string;
  message: string;
}

/** Compiles the files in a folder into its `out`, with the strictest options a consumer may use. Returns the errors. */
export async function compile(
  folder: string,
  files: Readonly<Record<string, string>>,
  compiler: keyof typeof COMPILERS,
  globals: keyof typeof GLOBALS,
): Promise<CompileError[]> {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const compilerOptions = {
    ...GLOBALS[globals],
    target: 'es2022',
    module: 'nodenext',
    rootDir: '.',
    outDir: 'out',
    declaration: true,
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noImplicitOverride: true,
    noImplicitReturns: true,
    noPropertyAccessFromIndexSignature: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    verbatimModuleSyntax: true,
    // Node can run the file after stripping its types.
    erasableSyntaxOnly: true,
    skipLibCheck: true,
  };
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: Object.keys(files).filter((name) => name.endsWith('.ts')) }),
  );
  const output = await new Promise<string>((done) => {
    const args = [join(ROOT, COMPILERS[compiler]), '-p', folder, '--pretty', 'false'];
    execFile(process.execPath, args, { cwd: folder }, (_, stdout, stderr) => done(stdout + stderr));
  });
  // Indented lines explain the error above them.
  const lines = output.split('\n').filter((line) => /^\S/.test(line));
  return lines.map((line) => {
    const [, file, number, message = line] = /^(.*)\((\d+),\d+\): error (.*)$/.exec(line) ?? [];
    return { place: `${file}:${number}`, message };
  });
}

/** Imports a rendered client: the file itself if this Node strips types, else compiled. */
export async function load(folder: string, text: string): Promise<unknown> {
  const name = 'ihf-client.ts';
  if (!('typescript' in process.features && process.features.typescript)) {
    const errors = await compile(folder, { [name]: text }, '7', 'node');
    if (errors.length > 0) throw new Error(JSON.stringify(errors));
    return import(pathToFileURL(join(folder, 'out/ihf-client.js')).href);
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, name), text);
  return import(pathToFileURL(join(folder, name)).href);
}
