import { readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { CheckResult } from './check-result.ts';
import type { SourceFile } from './tree.ts';

/** Folders that git ignores, at any depth. */
const IGNORED = new Set(['.git', '.ihf', '.nodes', '.venv', 'dist', 'node_modules']);
/** Texts about the repository that name its files. */
const DOCUMENTS = /^([A-Z-]+\.md|(docs|contracts|examples)\/.*\.md)$/;

const LINK = /\]\(([^)\s]+)\)/g;
const HAS_SCHEME = /^[a-z][a-z+.-]*:/i;

/** The paths of all files and folders below the root, with slashes; folders end in one. */
export async function listPaths(root: string, folder = ''): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const paths = entries
    .filter(({ name }) => !IGNORED.has(name))
    .map(async (entry) => {
      if (!entry.isDirectory()) return [folder + entry.name];
      const path = `${folder}${entry.name}/`;
      return [path, ...(await listPaths(root, path))];
    });
  return (await Promise.all(paths)).flat();
}

/** Reads the Markdown files that `checkDocumentedPaths` is about. */
export async function readDocuments(root: string, paths: readonly string[]): Promise<SourceFile[]> {
  const documents = paths.filter((path) => DOCUMENTS.test(path));
  return Promise.all(documents.map(async (path) => ({ path, text: await readFile(join(root, path), 'utf8') })));
}

/** Checks that every path and every relative link in the documentation leads to a file or folder. `*` matches a name. */
export function checkDocumentedPaths(documents: readonly SourceFile[], paths: readonly string[]): CheckResult {
  const known = new Set(paths);
  const exists = (path: string) =>
    path.includes('*') ? paths.some((candidate) => globPattern(path).test(candidate)) : known.has(path);
  const violations = documents.flatMap(({ path: document, text }) => {
    const found = new Set([...namedPaths(text, paths), ...linkedPaths(document, text)]);
    return [...found]
      .filter((path) => !exists(path) && !exists(`${path}/`))
      .map((path) => `${document} names ${path}, which does not exist`);
  });
  return { evidence: 'all Markdown files at the root and in docs/, contracts/ and examples/', violations };
}

/** The paths in a text that begin with a top-level folder of the repository. */
function namedPaths(text: string, paths: readonly string[]): string[] {
  const folders = paths.filter((path) => /^[^/]+\/$/.test(path)).map(escapePattern);
  const pattern = new RegExp(`(?<![\\w/.@-])(?:${folders.join('|')})[\\w./*-]*`, 'g');
  return [...text.matchAll(pattern)].map(([path]) => path.replace(/[.]+$/, ''));
}

function linkedPaths(document: string, text: string): string[] {
  return [...text.matchAll(LINK)]
    .map(([, target]) => (target as string).replace(/#.*$/, ''))
    .filter((target) => target !== '' && !HAS_SCHEME.test(target))
    .map((target) => posix.join(posix.dirname(document), target));
}

function globPattern(path: string): RegExp {
  return new RegExp(`^${path.split('*').map(escapePattern).join('[^/]*')}/?$`);
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
