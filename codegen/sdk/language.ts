import Handlebars from 'handlebars';
import type { SdkModel } from './model.ts';

/** A language that an SDK is rendered in. */
export interface Language {
  /** The files that it needs, relative to sdk-templates/. */
  sources: readonly string[];
  /** Compiles the templates once. What it returns is called for every contract revision. */
  compile(source: (path: string) => string): (model: SdkModel) => string;
}

/** A template that prints what its view says, and fails where the view does not say it. */
export function compileTemplate(text: string): (view: object) => string {
  return Handlebars.compile(text, { noEscape: true, strict: true, knownHelpersOnly: true });
}
