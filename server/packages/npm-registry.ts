import { NPM_NAME } from '../../codegen/sdk/render.ts';
import type { PackagedRevision } from '../store/contract/packages.ts';

/** The file name of the package of a version, as npm forms it. */
export function tarballName(version: string): string {
  return `${NPM_NAME.split('/')[1]}-${version}.tgz`;
}

/** What an installer needs of a version, and what only `npm view` shows. */
const SHOWN_ONLY = ['description', 'license', 'ihf'];

/**
 * The document of a package in an npm registry.
 * @param packageUrl the URL of the package.
 * @param isAbbreviated whether to leave out what an installer does not need: a quarter of the bytes.
 */
export function packageDocument(
  revisions: readonly PackagedRevision[],
  packageUrl: string,
  isAbbreviated: boolean,
): object {
  const latest = revisions.at(-1);
  const modified = latest?.committed_at;
  const versions = Object.fromEntries(
    revisions.map((revision) => [revision.version, versionDocument(revision, packageUrl, isAbbreviated)]),
  );
  const document = { name: NPM_NAME, 'dist-tags': { latest: latest?.version }, versions };
  if (isAbbreviated) return { ...document, modified };
  const times = revisions.map(({ version, committed_at }) => [version, committed_at]);
  const time = { created: revisions[0]?.committed_at, modified, ...Object.fromEntries(times) };
  const { description, license } = latest?.npm_manifest ?? {};
  return { ...document, description, license, time };
}

function versionDocument(
  { version, npm_manifest: manifest, npm_sha1, npm_sha512 }: PackagedRevision,
  packageUrl: string,
  isAbbreviated: boolean,
): object {
  const fields = Object.entries(manifest).filter(([field]) => !isAbbreviated || !SHOWN_ONLY.includes(field));
  return {
    name: NPM_NAME,
    version,
    ...Object.fromEntries(fields),
    dist: {
      tarball: `${packageUrl}/-/${tarballName(version)}`,
      integrity: `sha512-${npm_sha512.toString('base64')}`,
      shasum: npm_sha1.toString('hex'),
    },
  };
}
