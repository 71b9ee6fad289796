import type { AuthoredContract } from '../../codegen/authored.ts';
import type { Document } from '../../codegen/document.ts';
import { generatorDigest } from '../../codegen/sdk/generator-digest.ts';
import type { SdkTemplates } from '../../codegen/sdk/render.ts';
import type { Artifact, ArtifactName } from '../store/contract/artifacts.ts';
import {
  announceRelease,
  CONTRACT_CHANNEL,
  isReleaseRunning,
  type RegistryValueState,
  type Release,
  readCurrent,
  readCurrentRevision,
} from '../store/contract/revisions.ts';
import type { Db } from '../store/database/database.ts';
import type { Listener } from '../store/database/listener.ts';
import type { RegistryName } from '../store/registries/registry-values.ts';
import { isCurrent, publish } from './publish.ts';
import { Renderer } from './renderer.ts';

/** The contract as this node knows it: a revision and its words. It is replaced as a whole, never changed. */
export interface Snapshot {
  revision: number;
  values: Readonly<Record<RegistryName, ReadonlyMap<string, RegistryValueState>>>;
}

export interface ContractOptions {
  db: Db;
  listener: Listener;
  authored: AuthoredContract;
  templates: SdkTemplates;
}

/** Holds the live contract: follows the registry, and catches up before anybody says no. */
export class LiveContract {
  /** The document as authored, which the validator and the handlers of this node were built from. */
  readonly authored: Document;
  readonly renderer: Renderer;
  readonly #options: ContractOptions;
  readonly #release: Release;
  #snapshot: Snapshot;
  #loading: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  private constructor(options: ContractOptions, release: Release, snapshot: Snapshot) {
    this.authored = options.authored.document;
    this.renderer = new Renderer(options.db, options.templates);
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
    // What fails is tried again at the next notification, the next poll or the next request that needs it.
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
   * Resolves when this node knows every registry commit that was made before the call. Callers share a look at the
   * database, but never one that began before they asked.
   * @throws IhfError unavailable if the database does not answer.
   */
  catchUp(): Promise<void> {
    if (!this.#loading) {
      this.#loading = this.#load().finally(() => {
        this.#loading = undefined;
      });
      return this.#loading;
    }
    this.#next ??= this.#loading
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        return this.catchUp();
      });
    return this.#next;
  }

  /** A document or SDK of the current revision. */
  async currentArtifact(name: ArtifactName): Promise<Artifact> {
    await this.catchUp();
    return (await this.renderer.artifact(this.#snapshot.revision, name)) as Artifact;
  }

  async #load(): Promise<void> {
    const { db } = this.#options;
    const { revision } = await readCurrentRevision(db);
    if (revision > this.#snapshot.revision) this.#snapshot = await readSnapshot(db);
  }

  /** Catches up, and takes over from another edition when its last node has gone. */
  async #follow(): Promise<void> {
    await this.catchUp();
    const { db } = this.#options;
    const head = await readCurrentRevision(db);
    if (isCurrent(this.#release, head) || (await isReleaseRunning(db, head))) return;
    await publish(db, this.#release, this.#options);
  }
}

async function readSnapshot(db: Db): Promise<Snapshot> {
  const { revision, words } = await readCurrent(db);
  const byName = (list: RegistryValueState[]) => new Map(list.map((word) => [word.name, word]));
  return {
    revision,
    values: {
      annotation_categories: byName(words.annotation_categories),
      event_types: byName(words.event_types),
      widget_types: byName(words.widget_types),
    },
  };
}
