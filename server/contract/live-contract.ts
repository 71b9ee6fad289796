import type { AuthoredContract } from '../../codegen/authored.ts';
import type { Document } from '../../codegen/document.ts';
import { generatorDigest } from '../../codegen/sdk/generator-digest.ts';
import type { SdkTemplates } from '../../codegen/sdk/render.ts';
import type { Artifact, ArtifactName } from '../store/contract/artifacts.ts';
import {
  announceRelease,
  CONTRACT_CHANNEL,
  hasRevision,
  isReleaseRunning,
  type RegistryValueState,
  type Release,
  readCurrent,
  readCurrentRevision,
  reserveRevisions,
} from '../store/contract/revisions.ts';
import type { Db } from '../store/database/database.ts';
import type { Listener } from '../store/database/listener.ts';
import { isCurrent, publish } from './publish.ts';
import { Renderer } from './renderer.ts';

/** A contract revision with the values of its registries. It is replaced as a whole and never modified. */
export interface Snapshot {
  revision: number;
  headId: string;
  /** By registry, then by the name of the value. */
  values: ReadonlyMap<string, ReadonlyMap<string, RegistryValueState>>;
}

export interface ContractOptions {
  db: Db;
  listener: Listener;
  authored: AuthoredContract;
  templates: SdkTemplates;
  /** The configured URL of the installation. */
  publicUrl?: string | undefined;
}

/** The live contract of this node. It follows the registries in the database. */
export class LiveContract {
  /** The document as authored, from which the validator and the handlers of this node were built. */
  readonly authored: Document;
  readonly renderer: Renderer;
  readonly #options: ContractOptions;
  readonly #release: Release;
  #snapshot: Snapshot;
  #loading: Promise<void> | undefined;
  #nextLoad: Promise<void> | undefined;

  private constructor(options: ContractOptions, release: Release, snapshot: Snapshot) {
    this.authored = options.authored.document;
    this.renderer = new Renderer(options.db, options.templates, options.publicUrl);
    this.#options = options;
    this.#release = release;
    this.#snapshot = snapshot;
  }

  /** Publishes the release of this node if it is new, and follows the registries from then on. */
  static async open(options: ContractOptions): Promise<LiveContract> {
    const { db, listener, authored, templates } = options;
    const release = { document_digest: authored.digest, generator_digest: generatorDigest(templates, authored) };
    // Must come first: other nodes replace a current release that no node announces.
    await listener.hold(announceRelease(release));
    await publish(db, release, options);
    const contract = new LiveContract(options, release, await readSnapshot(db));
    // An error needs no handling: the next notification, the next poll or the next request that needs it tries again.
    await listener.on(CONTRACT_CHANNEL, () => void contract.#follow().catch(() => {}));
    // Commits between the snapshot and the subscription were not notified.
    await contract.catchUp();
    return contract;
  }

  get current(): Snapshot {
    return this.#snapshot;
  }

  /** Whether notifications of registry commits reach this node. */
  get listening(): boolean {
    return this.#options.listener.connected;
  }

  /**
   * Resolves when this node knows every registry commit that was made before the call. Concurrent callers share a query,
   * but never one that started before their call.
   * @throws IhfError unavailable if the database does not respond.
   */
  catchUp(): Promise<void> {
    if (!this.#loading) {
      this.#loading = this.#load().finally(() => {
        this.#loading = undefined;
      });
      return this.#loading;
    }
    this.#nextLoad ??= this.#loading
      .catch(() => {})
      .then(() => {
        this.#nextLoad = undefined;
        return this.catchUp();
      });
    return this.#nextLoad;
  }

  /** A document or SDK of the current revision. */
  async currentArtifact(name: ArtifactName): Promise<Artifact> {
    await this.catchUp();
    return (await this.renderer.artifact(this.#snapshot.revision, name)) as Artifact;
  }

  async #load(): Promise<void> {
    const { db } = this.#options;
    const { head_id: headId } = await readCurrentRevision(db);
    const known = this.#snapshot;
    if (headId === known.headId) return;
    if (!(await hasRevision(db, { revision: known.revision, head_id: known.headId }))) {
      // The database went back to an earlier time: a failover to a replica that was behind, or a restore.
      await reserveRevisions(db, known.revision);
      this.renderer.clear();
    }
    this.#snapshot = await readSnapshot(db);
  }

  /** Catches up. If no node runs the current release any more, publishes the release of this node again. */
  async #follow(): Promise<void> {
    await this.catchUp();
    const { db } = this.#options;
    const current = await readCurrentRevision(db);
    if (isCurrent(this.#release, current) || (await isReleaseRunning(db, current))) return;
    await publish(db, this.#release, this.#options);
  }
}

async function readSnapshot(db: Db): Promise<Snapshot> {
  const { revision, head_id: headId, values } = await readCurrent(db);
  const byName = (registry: RegistryValueState[]) => new Map(registry.map((value) => [value.name, value]));
  return {
    revision,
    headId,
    values: new Map(Object.entries(values).map(([name, registry]) => [name, byName(registry)])),
  };
}
