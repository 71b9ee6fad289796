import { NPM_NAME } from '../../codegen/sdk/render.ts';
import type { PackageDigests, PackageVersion } from '../store/contract/packages.ts';

/** What only `npm view` shows. An installer does not need it. */
const SHOWN_ONLY = ['description', 'license', 'ihf'];

type Manifest = Record<string, unknown>;

/**
 * The document of a package in an npm registry.
 * @param listed the versions, oldest first.
 * @param packageUrl the URL of the package.
 * @param isAbbreviated whether to leave out what an installer does not need.
 */
export function packageDocument(listed: readonly PackageVersion[], packageUrl: string, isAbbreviated: boolean): object {
  const latest = listed.at(-1);
  const versions: Record<string, object> = {};
  // A version that is not rendered yet gets what installers need from the next one: most probably it is the same.
  let manifest: Manifest = {};
  for (const { version, digests } of [...listed].reverse()) {
    manifest = digests?.npm_manifest ?? without(SHOWN_ONLY, manifest);
    versions[version] = {
      name: NPM_NAME,
      version,
      ...(isAbbreviated ? without(SHOWN_ONLY, manifest) : manifest),
      dist: { tarball: `${packageUrl}/-/${tarballName(version)}`, ...(digests && digestsOf(digests)) },
    };
  }
  const modified = latest?.committed_at;
  const document = { name: NPM_NAME, 'dist-tags': { latest: latest?.version }, versions };
  if (isAbbreviated) return { ...document, modified };
  const times = listed.map(({ version, committed_at }) => [version, committed_at]);
  return { ...document, time: { created: listed[0]?.committed_at, modified, ...Object.fromEntries(times) } };
}

/** As npm forms it. */
function tarballName(version: string): string {
  return `${NPM_NAME.split('/')[1]}-${version}.tgz`;
}

function digestsOf({ npm_sha1, npm_sha512 }: PackageDigests): object {
  return { integrity: `sha512-${npm_sha512.toString('base64')}`, shasum: npm_sha1.toString('hex') };
}

function without(fields: readonly string[], manifest: Manifest): Manifest {
  return Object.fromEntries(Object.entries(manifest).filter(([field]) => !fields.includes(field)));
}
