import type { Document } from '../document.ts';
import { kebabName } from './api.ts';
import type { Language } from './language.ts';
import { anySdkModel, sdkModel } from './model.ts';
import { compileNpm, NPM_NAME, NPM_SOURCES } from './packages/npm.ts';
import { compileWheel, WHEEL_SOURCES } from './packages/wheel.ts';
import { python } from './python.ts';
import { typescript } from './typescript.ts';

const LANGUAGES = {
  'ihf-client.ts': typescript,
  'ihf-client.py': python,
} as const satisfies Record<string, Language>;

export { NPM_NAME, readNpmManifest } from './packages/npm.ts';
export { readWheelMetadata, wheelName } from './packages/wheel.ts';

export type SdkFile = keyof typeof LANGUAGES;

export const SDK_FILES = Object.keys(LANGUAGES) as SdkFile[];

/** Every file that `compileTemplates` needs, relative to sdk-templates/. */
export const SDK_TEMPLATE_SOURCES: readonly string[] = [
  ...Object.values(LANGUAGES).flatMap(({ sources }) => sources),
  ...NPM_SOURCES,
  ...WHEEL_SOURCES,
];

/**
 * The packages for npm and pip: `client.tgz` is `@ihf/client` of the npm registry, `ihf-client.tgz` the same package under
 * the name `ihf-client`, for installs from its URL.
 */
export const SDK_PACKAGES = ['client.tgz', 'ihf-client.tgz', 'ihf_client.whl'] as const;
export type SdkPackage = (typeof SDK_PACKAGES)[number];

export interface SdkTemplates {
  files: Readonly<Record<SdkFile, ReturnType<Language['compile']>>>;
  npm: ReturnType<typeof compileNpm>;
  wheel: ReturnType<typeof compileWheel>;
}

/**
 * Compiles the templates, once for any number of renders.
 * @param sources The text of each of `SDK_TEMPLATE_SOURCES`.
 */
export function compileSdkTemplates(sources: Readonly<Record<string, string>>): SdkTemplates {
  const source = (path: string) => {
    const text = sources[path];
    if (text === undefined) throw new Error(`The SDK template ${path} is missing`);
    return text;
  };
  const compiled = Object.entries(LANGUAGES).map(([file, language]) => [file, language.compile(source)]);
  return {
    files: Object.fromEntries(compiled) as SdkTemplates['files'],
    npm: compileNpm(source),
    wheel: compileWheel(source),
  };
}

/** Renders an SDK for a live contract. The same document and templates give the same bytes. */
export function renderSdk(document: Document, file: SdkFile, templates: SdkTemplates): string {
  return templates.files[file](sdkModel(document));
}

/** Renders a package. The same document and templates give the same bytes on every machine. */
export function renderPackage(document: Document, name: SdkPackage, templates: SdkTemplates): Buffer {
  const model = sdkModel(document);
  if (name === 'ihf_client.whl') return templates.wheel(model, templates.files['ihf-client.py'](model));
  return templates.npm(model, name === 'client.tgz' ? NPM_NAME : 'ihf-client');
}

/** The client of an API in one file, named after the title of the API. */
export interface AnySdk {
  /** For example `swagger-petstore-client.ts`. */
  file: string;
  /** For example `SwaggerPetstoreClient`. */
  className: string;
  operations: number;
  text: string;
}

/** Renders the TypeScript client of any API, whose document `readAnyDocument` has read. */
export function renderAnySdk(document: Document, templates: SdkTemplates): AnySdk {
  const { api, ...model } = anySdkModel(document);
  return {
    file: `${kebabName(api.prefix)}-client.ts`,
    className: `${api.prefix}Client`,
    operations: model.operations.length,
    text: templates.files['ihf-client.ts']({ ...model, api }),
  };
}
