import type { Authored } from '../../codegen/authored.ts';
import { diffDocuments } from '../../codegen/diff.ts';
import type { Document } from '../../codegen/document.ts';
import type { Templates } from '../../codegen/sdk/render.ts';
import type { Artifact, ArtifactName } from '../store/artifacts.ts';
import type { Db } from '../store/database.ts';
import type { RegistryName } from '../store/registries.ts';
import { publishDocument, readCurrent, readDocument, readHead, type Word } from '../store/revisions.ts';
import { Follower } from './follower.ts';
import { Renderer } from './renderer.ts';

/** The contract as this node knows it: a revision and its words. It is replaced as a whole, never changed. */
export interface Snapshot {
  revision: number;
  words: Readonly<Record<RegistryName, ReadonlyMap<string, Word>>>;
}

export interface ContractOptions {
  url: string;
  db: Db;
  authored: Authored;
  templates: Templates;
}

/** Holds the live contract: follows the registry, and catches up before anybody says no. */
export class LiveContract {
  /** The document as authored, which the validator and the handlers of this node were built from. */
  readonly authored: Document;
  readonly renderer: Renderer;
  readonly #db: Db;
  readonly #follower: Follower;
  #snapshot: Snapshot;
  #loading: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  private constructor({ url, db, authored, templates }: ContractOptions, snapshot: Snapshot) {
    this.authored = authored.document;
    this.renderer = new Renderer(db, templates);
    this.#db = db;
    this.#snapshot = snapshot;
    // A failed load is tried again at the next word of the database, the next poll or the next request that needs it.
    this.#follower = new Follower(url, 'ihf_contract', () => void this.catchUp().catch(() => {}));
  }

  /** Publishes the authored document, if it is a new one, and begins to follow the registry. */
  static async open(options: ContractOptions): Promise<LiveContract> {
    await publish(options.db, options.authored);
    const contract = new LiveContract(options, await readSnapshot(options.db));
    await contract.#follower.start();
    return contract;
  }

  get current(): Snapshot {
    return this.#snapshot;
  }

  get following(): boolean {
    return this.#follower.following;
  }

  /**
   * Resolves when this node knows every registry commit that was made before the call. Callers share a look at the
   * database, but never one that began before they asked.
   * @throws HubError unavailable if the database does not answer.
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

  close(): Promise<void> {
    return this.#follower.close();
  }

  async #load(): Promise<void> {
    const { revision } = await readHead(this.#db);
    if (revision > this.#snapshot.revision) this.#snapshot = await readSnapshot(this.#db);
  }
}

async function readSnapshot(db: Db): Promise<Snapshot> {
  const { revision, words } = await readCurrent(db);
  const byName = (list: Word[]) => new Map(list.map((word) => [word.name, word]));
  return {
    revision,
    words: {
      annotation_categories: byName(words.annotation_categories),
      event_types: byName(words.event_types),
      widget_types: byName(words.widget_types),
    },
  };
}

async function publish(db: Db, { document, digest }: Authored): Promise<void> {
  const { document_digest: current } = await readHead(db);
  if (current === digest) return;
  const before = current === null ? undefined : ((await readDocument(db, current)) as Document);
  await publishDocument(db, digest, document, before ? diffDocuments(before, document) : []);
}
