import { wheelName } from '../../codegen/sdk/render.ts';
import type { PackagedRevision } from '../store/contract/packages.ts';

// The pages of a package index: as HTML (PEP 503) and as JSON (PEP 691). Names, versions and digests come from this server
// and need no escaping.

export const PYTHON_NAME = 'ihf-client';
const REQUIRES_PYTHON = '>=3.10';
const META = { 'api-version': '1.1' };

export function projectsHtml(): string {
  return html('Packages', [`<a href="${PYTHON_NAME}/">${PYTHON_NAME}</a>`]);
}

export function projectsJson(): object {
  return { meta: META, projects: [{ name: PYTHON_NAME }] };
}

/** The metadata of each wheel is served beside it, so that resolvers need not download the wheel (PEP 658, PEP 714). */
export function projectHtml(revisions: readonly PackagedRevision[]): string {
  const links = revisions.map(({ version, wheel_sha256, wheel_metadata_sha256 }) => {
    const name = wheelName({ version });
    const attributes = [
      `href="${urlOf(name)}#sha256=${wheel_sha256.toString('hex')}"`,
      `data-requires-python="${REQUIRES_PYTHON.replace('>', '&gt;')}"`,
      `data-core-metadata="sha256=${wheel_metadata_sha256.toString('hex')}"`,
    ];
    return `<a ${attributes.join(' ')}>${name}</a>`;
  });
  return html(PYTHON_NAME, links);
}

export function projectJson(revisions: readonly PackagedRevision[]): object {
  return {
    meta: META,
    name: PYTHON_NAME,
    versions: revisions.map(({ version }) => version),
    files: revisions.map(({ version, committed_at, wheel_sha256, wheel_size, wheel_metadata_sha256 }) => {
      const filename = wheelName({ version });
      return {
        filename,
        url: urlOf(filename),
        hashes: { sha256: wheel_sha256.toString('hex') },
        'requires-python': REQUIRES_PYTHON,
        size: wheel_size,
        'upload-time': committed_at,
        'core-metadata': { sha256: wheel_metadata_sha256.toString('hex') },
      };
    }),
  };
}

/** Relative to the page of the project, so that the index works under every host and path. */
function urlOf(wheel: string): string {
  return `../../${wheel}`;
}

function html(title: string, links: readonly string[]): string {
  const head = '<meta charset="utf-8"><meta name="pypi:repository-version" content="1.1">';
  return `<!DOCTYPE html>\n<html>\n<head>${head}<title>${title}</title></head>\n<body>\n${links.join('<br>\n')}\n</body>\n</html>\n`;
}
