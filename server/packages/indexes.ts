import { digestOf } from '../../codegen/live.ts';
import type { LiveContract } from '../contract/live-contract.ts';
import type { File } from '../http/send-file.ts';
import type { PackageVersion } from '../store/contract/packages.ts';
import type { Db } from '../store/database/database.ts';
import { PackageCatalog } from './catalog.ts';
import { packageDocument } from './npm-registry.ts';
import { projectHtml, projectJson } from './python-index.ts';

export const NPM_FULL = 'application/json';
export const NPM_ABBREVIATED = 'application/vnd.npm.install-v1+json';
/** The forms of the Python index. The first is for browsers. */
export const PYTHON_FORMS = [
  'text/html',
  'application/vnd.pypi.simple.v1+html',
  'application/vnd.pypi.simple.v1+json',
] as const;
export type PythonForm = (typeof PYTHON_FORMS)[number];

/** An npm document contains absolute URLs, so that there is one for each host name under which clients call. */
const CACHE_SIZE = 16;

/** The documents of the package indexes, each made once for the versions that it lists. */
export class Indexes {
  readonly #catalog: PackageCatalog;
  readonly #files = new Map<string, { versions: readonly PackageVersion[]; file: File }>();

  constructor(db: Db, contract: LiveContract) {
    this.#catalog = new PackageCatalog(db, contract);
  }

  npm(packageUrl: string, mediaType: typeof NPM_FULL | typeof NPM_ABBREVIATED): Promise<File> {
    return this.#file(`${mediaType} ${packageUrl}`, mediaType, (versions) =>
      JSON.stringify(packageDocument(versions, packageUrl, mediaType === NPM_ABBREVIATED)),
    );
  }

  python(form: PythonForm): Promise<File> {
    const isJson = form === 'application/vnd.pypi.simple.v1+json';
    return this.#file(form, isJson ? form : `${form}; charset=utf-8`, (versions) =>
      isJson ? JSON.stringify(projectJson(versions)) : projectHtml(versions),
    );
  }

  async #file(key: string, mediaType: string, make: (versions: readonly PackageVersion[]) => string): Promise<File> {
    const versions = await this.#catalog.list();
    const found = this.#files.get(key);
    if (found?.versions === versions) return found.file;
    const content = Buffer.from(make(versions));
    const file = { content, digest: digestOf(content), mediaType };
    this.#files.delete(key);
    this.#files.set(key, { versions, file });
    const oldest = this.#files.keys().next();
    if (this.#files.size > CACHE_SIZE && !oldest.done) this.#files.delete(oldest.value);
    return file;
  }
}
