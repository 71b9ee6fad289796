import type { Document } from '../../codegen/document.ts';
import { digestOf, liveDocument, toJson, toYaml } from '../../codegen/live.ts';
import { generatorDigest } from '../../codegen/sdk/generator-digest.ts';
import { renderPackage, renderSdk, type SdkTemplates } from '../../codegen/sdk/render.ts';
import { IhfError } from '../errors.ts';
import { type Artifact, type ArtifactName, findArtifact, saveArtifact } from '../store/contract/artifacts.ts';
import {
  isReleaseRunning,
  type KnownRelease,
  type RegistryValueStates,
  readDocument,
  readSource,
} from '../store/contract/revisions.ts';
import type { Db } from '../store/database/database.ts';

/** How many artifacts and documents stay in memory: the current revision's and those of a few clients that lag. */
const KEPT = 64;

/**
 * The documents, SDKs and packages of any revision. They are rendered when first asked for and kept in the database
 * from then on, so that every node and every later version of the hub serves the same bytes.
 */
export class Renderer {
  readonly #db: Db;
  readonly #templates: SdkTemplates;
  readonly #artifacts = new Map<string, Promise<Artifact | undefined>>();
  readonly #authored = new Map<string, Promise<Document>>();
  readonly #documents = new Map<number, Promise<Document | undefined>>();

  constructor(db: Db, templates: SdkTemplates) {
    this.#db = db;
    this.#templates = templates;
  }

  /**
   * An artifact of a revision; undefined if there is no such revision.
   * @throws IhfError unavailable if other nodes alone can make it.
   */
  artifact(revision: number, name: ArtifactName): Promise<Artifact | undefined> {
    return remember(this.#artifacts, `${revision}/${name}`, async () => {
      const kept = await findArtifact(this.#db, revision, name);
      if (kept) return kept;
      const content = await this.#make(revision, name);
      return content && saveArtifact(this.#db, revision, name, { digest: digestOf(content), content });
    });
  }

  /** The live document of a revision, as it was published; undefined if there is no such revision. */
  document(revision: number): Promise<Document | undefined> {
    return remember(this.#documents, revision, async () => {
      const published = await this.artifact(revision, 'openapi.json');
      return published && JSON.parse(published.content.toString());
    });
  }

  async #make(revision: number, name: ArtifactName): Promise<Buffer | undefined> {
    const source = await readSource(this.#db, revision);
    if (!source?.document_digest) return undefined;
    const authored = await this.#authoredDocument(source.document_digest);
    if (name === 'openapi.json') {
      return Buffer.from(toJson(liveDocument(authored, withIsoTimes(source.words), revision)));
    }
    const document = (await this.document(revision)) as Document;
    if (name === 'openapi.yaml') return Buffer.from(toYaml(document));
    await this.#leaveToOthers(revision, source, authored);
    if (name === 'ihf-client.tgz' || name === 'ihf_client.whl') return renderPackage(document, name, this.#templates);
    return Buffer.from(renderSdk(document, name, this.#templates));
  }

  /** While nodes are there that serve the edition of a revision, its SDKs are what they make, and not what this one would. */
  async #leaveToOthers(revision: number, edition: KnownRelease, document: Document): Promise<void> {
    const digest = edition.document_digest as string;
    if (edition.generator_digest === generatorDigest(this.#templates, { document, digest })) return;
    if (!(await isReleaseRunning(this.#db, edition))) return;
    const reason = `The SDKs of contract revision ${revision} are made by another version of the hub, not by this node.`;
    const headers = { 'Retry-After': '1' };
    throw new IhfError('unavailable', `${reason} Ask again: the hub is being upgraded.`, { headers });
  }

  #authoredDocument(digest: string): Promise<Document> {
    return remember(this.#authored, digest, async () => (await readDocument(this.#db, digest)) as Document);
  }
}

/** One making at a time for a key, however many ask; what failed or found nothing is tried again. */
function remember<K, V>(kept: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V> {
  const found = kept.get(key);
  if (found) return found;
  const made = make();
  kept.set(key, made);
  made.then(
    (value) => value === undefined && kept.delete(key),
    () => kept.delete(key),
  );
  const oldest = kept.keys().next();
  if (kept.size > KEPT && !oldest.done) kept.delete(oldest.value);
  return made;
}

/** Postgres writes times into JSON in its own notation. */
function withIsoTimes(words: RegistryValueStates): RegistryValueStates {
  const entries = Object.entries(words).map(([registry, list]) => [
    registry,
    list.map((word) => ({ ...word, sunset_at: word.sunset_at && new Date(word.sunset_at).toISOString() })),
  ]);
  return Object.fromEntries(entries);
}
