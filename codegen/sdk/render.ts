import type { Document } from '../document.ts';
import type { Language } from './language.ts';
import { sdkModel } from './model.ts';
import { python } from './python.ts';
import { typescript } from './typescript.ts';

const LANGUAGES = {
  'ihf-client.ts': typescript,
  'ihf-client.py': python,
} as const satisfies Record<string, Language>;

export type SdkFile = keyof typeof LANGUAGES;

export const SDK_FILES = Object.keys(LANGUAGES) as SdkFile[];

/** Every file that `compileTemplates` needs, relative to sdk-templates/. */
export const TEMPLATE_SOURCES: readonly string[] = Object.values(LANGUAGES).flatMap(({ sources }) => sources);

export type Templates = Readonly<Record<SdkFile, ReturnType<Language['compile']>>>;

/**
 * Compiles the templates, once for many renders.
 * @param sources The text of each of `TEMPLATE_SOURCES`.
 */
export function compileTemplates(sources: Readonly<Record<string, string>>): Templates {
  const source = (path: string) => {
    const text = sources[path];
    if (text === undefined) throw new Error(`The SDK template ${path} is missing`);
    return text;
  };
  const compiled = Object.entries(LANGUAGES).map(([file, language]) => [file, language.compile(source)]);
  return Object.fromEntries(compiled) as Templates;
}

/** An SDK for the live contract: the same document and templates give the same bytes. */
export function renderSdk(document: Document, file: SdkFile, templates: Templates): string {
  return templates[file](sdkModel(document));
}
