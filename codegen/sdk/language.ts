import type { SdkModel } from './model.ts';

/** A language in which an SDK is rendered. */
export interface Language {
  /** The template files it needs, relative to sdk-templates/. */
  sources: readonly string[];
  /** Compiles the templates once; the returned function renders the SDK of any contract revision. */
  compile(source: (path: string) => string): (model: SdkModel) => string;
}
