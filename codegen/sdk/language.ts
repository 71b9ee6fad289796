import type { SdkModel } from './model.ts';

/** A language that an SDK is rendered in. */
export interface Language {
  /** The files that it needs, relative to sdk-templates/. */
  sources: readonly string[];
  /** Compiles the templates once. What it returns is called for every contract revision. */
  compile(source: (path: string) => string): (model: SdkModel) => string;
}
