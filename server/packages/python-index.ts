import { wheelName } from '../../codegen/sdk/render.ts';
import type { PackageVersion } from '../store/contract/packages.ts';

// The pages of a package index: as HTML (PEP 503) and as JSON (PEP 691). Names, versions and digests come from this server
// and need no escaping.

export const PYTHON_NAME = 'ihf-client';
const REQUIRES_PYTHON = '>=3.10';
/** Not 1.1, which requires the size of every file, also of a wheel that is not rendered yet. */
const META = { 'api-version': '1.0' };

export function projectsHtml(): string {
  return html('Packages', [`<a href="${PYTHON_NAME}/">${PYTHON_NAME}</a>`]);
}

export function projectsJson(): object {
  return { meta: META, projects: [{ name: PYTHON_NAME }] };
}

/** The metadata of each wheel is served beside it, so that resolvers need not download the wheel (PEP 658, PEP 714). */
export function projectHtml(listed: readonly PackageVersion[]): string {
  const links = listed.map(({ version, digests }) => {
    const name = wheelName({ version });
    const fragment = digests ? `#sha256=${digests.wheel_sha256.toString('hex')}` : '';
    const metadata = digests ? `sha256=${digests.wheel_metadata_sha256.toString('hex')}` : 'true';
    const python = REQUIRES_PYTHON.replace('>', '&gt;');
    return `<a href="${urlOf(name)}${fragment}" data-requires-python="${python}" data-core-metadata="${metadata}">${name}</a>`;
  });
  return html(PYTHON_NAME, links);
}

export function projectJson(listed: readonly PackageVersion[]): object {
  return {
    meta: META,
    name: PYTHON_NAME,
    versions: listed.map(({ version }) => version),
    files: listed.map(({ version, committed_at, digests }) => {
      const filename = wheelName({ version });
      return {
        filename,
        url: urlOf(filename),
        hashes: digests ? { sha256: digests.wheel_sha256.toString('hex') } : {},
        'requires-python': REQUIRES_PYTHON,
        ...(digests && { size: digests.wheel_size }),
        'upload-time': committed_at,
        'core-metadata': digests ? { sha256: digests.wheel_metadata_sha256.toString('hex') } : true,
      };
    }),
  };
}

/** Relative to the page of the project, so that the index works under every host and path. */
function urlOf(wheel: string): string {
  return `../../${wheel}`;
}

function html(title: string, links: readonly string[]): string {
  const head = '<meta charset="utf-8"><meta name="pypi:repository-version" content="1.0">';
  return `<!DOCTYPE html>\n<html>\n<head>${head}<title>${title}</title></head>\n<body>\n${links.join('<br>\n')}\n</body>\n</html>\n`;
}
