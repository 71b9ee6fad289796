import type { Document } from './document.ts';

/**
 * The version of a contract revision and of its packages (Semantic Versioning): the patch number is the revision, and every
 * breaking revision raises the major number, so that no range such as `^2.0.7` or `~=2.0.7` reaches across it.
 * @param previous the version of the previous revision; undefined for the first.
 */
export function nextVersion(
  previous: string | undefined,
  { info }: Pick<Document, 'info'>,
  revision: number,
  isBreaking: boolean,
): string {
  const [authoredMajor, authoredMinor] = numbersOf(info.version);
  const [major, minor] = numbersOf(previous ?? '0.0.0');
  const next = Math.max(isBreaking ? major + 1 : major, authoredMajor);
  // Within a major version the minor one never falls: a rollback to an earlier release must not look like an older package.
  return `${next}.${next > major ? authoredMinor : Math.max(minor, authoredMinor)}.${revision}`;
}

function numbersOf(version: string): [major: number, minor: number] {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return [major, minor];
}
