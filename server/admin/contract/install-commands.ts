import { wheelName } from '../../../codegen/sdk/render.ts';
import { versionOf } from '../../contract/versions.ts';
import { IhfError } from '../../errors.ts';
import { found } from '../core/lookups.ts';
import type { AdminContext } from '../core/page.ts';

/** What the commands that install the SDKs of a revision contain, and the files to download. */
export async function installView({ publicUrl, database, contract }: AdminContext, revision: number) {
  const api = `${publicUrl}/api/v2`;
  const version = found(await versionOf(database, revision), 'revision');
  const wheel = wheelName({ version });
  return { api, npmRegistry: `${api}/sdk/npm/`, version, wheel, wheelHash: await wheelHash(contract, revision) };
}

/** The digest as a URL fragment, which pip verifies; empty while only nodes of another release can render the wheel. */
async function wheelHash({ renderer }: AdminContext['contract'], revision: number): Promise<string> {
  try {
    const wheel = found(await renderer.artifact(revision, 'ihf_client.whl'), 'revision');
    return `#${wheel.digest.replace(':', '=')}`;
  } catch (error) {
    if (error instanceof IhfError && error.code === 'unavailable') return '';
    throw error;
  }
}
