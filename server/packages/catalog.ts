import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { readNpmManifest, readWheelMetadata } from '../../codegen/sdk/render.ts';
import type { LiveContract } from '../contract/live-contract.ts';
import { versionOf } from '../contract/versions.ts';
import { IhfError } from '../errors.ts';
import {
  addDigests,
  findRevisionWithoutDigests,
  listPackageVersions,
  type PackageVersion,
} from '../store/contract/packages.ts';
import type { Db } from '../store/database/database.ts';

/** How long a request waits for packages to be rendered. Installers give up after 15 s or more. */
const PATIENCE_MS = 3_000;
const MAX_REVISION = 2 ** 31 - 1;

/**
 * The packages of all revisions. Those of a revision are rendered when an index is requested for the first time after it, for
 * the digests that an index contains; the digests are stored.
 */
export class PackageCatalog {
  readonly #db: Db;
  readonly #contract: LiveContract;
  #completing: Promise<boolean> | undefined;
  #listed: { headId: string; versions: readonly PackageVersion[] } | undefined;

  constructor(db: Db, contract: LiveContract) {
    this.#db = db;
    this.#contract = contract;
  }

  /**
   * All versions, oldest first; once complete, the same array until a revision is added. After very many revisions without a
   * request, the oldest get their digests later: they are rendered in the meantime, newest first.
   */
  async list(): Promise<readonly PackageVersion[]> {
    await this.#contract.catchUp();
    const { revision, headId } = this.#contract.current;
    if (this.#listed?.headId === headId) return this.#listed.versions;
    await versionOf(this.#db, revision);
    this.#completing ??= this.#complete().finally(() => {
      this.#completing = undefined;
    });
    const isComplete = await Promise.race([this.#completing, sleep(PATIENCE_MS, false, { ref: false })]);
    const versions = await listPackageVersions(this.#db);
    // The run that this call waited for may have started before the current revision was committed.
    if (isComplete && versions.every(({ digests }) => digests)) this.#listed = { headId, versions };
    return versions;
  }

  /**
   * Renders the packages of every revision that lacks them.
   * @returns whether none lacks them any more.
   */
  async #complete(): Promise<boolean> {
    let isComplete = true;
    let below = MAX_REVISION;
    // One at a time: other nodes may render the same ones.
    for (;;) {
      const revision = await findRevisionWithoutDigests(this.#db, below);
      if (revision === undefined) return isComplete;
      below = revision;
      try {
        await this.#add(revision);
      } catch (error) {
        // Nodes of another release render this one.
        if (!(error instanceof IhfError && error.code === 'unavailable')) throw error;
        isComplete = false;
      }
    }
  }

  async #add(revision: number): Promise<void> {
    const { renderer } = this.#contract;
    const npm = await renderer.artifact(revision, 'client.tgz');
    const wheel = await renderer.artifact(revision, 'ihf_client.whl');
    if (!npm || !wheel) return;
    await addDigests(this.#db, revision, {
      npm_sha512: hash('sha512', npm.content),
      npm_sha1: hash('sha1', npm.content),
      npm_manifest: readNpmManifest(npm.content),
      wheel_sha256: hash('sha256', wheel.content),
      wheel_size: wheel.content.length,
      wheel_metadata_sha256: hash('sha256', readWheelMetadata(wheel.content)),
    });
  }
}

function hash(algorithm: 'sha1' | 'sha256' | 'sha512', content: Buffer): Buffer {
  return createHash(algorithm).update(content).digest();
}
