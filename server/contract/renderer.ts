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
import { versionOf } from './versions.ts';

/** Maximum number of artifacts, and of documents, in memory: for the current revision and a few that clients still use. */
const CACHE_SIZE = 64;

/**
 * Renders the documents, SDKs and packages of any revision. Each is rendered at its first request and stored in the
 * database, so that every node and every later release serves the same bytes.
 */
export class Renderer {
  readonly #db: Db;
  readonly #templates: SdkTemplates;
  readonly #publicUrl: string | undefined;
  readonly #artifacts = new Map<string, Promise<Artifact | undefined>>();
  readonly #authored = new Map<string, Promise<Document>>();
  readonly #documents = new Map<number, Promise<Document | undefined>>();

  /** @param publicUrl the configured URL of the installation; documents name it as their server. */
  constructor(db: Db, templates: SdkTemplates, publicUrl?: string) {
    this.#db = db;
    this.#templates = templates;
    this.#publicUrl = publicUrl;
  }

  /**
   * An artifact of a revision; undefined if there is no such revision.
   * @throws IhfError unavailable if only nodes of another release can render it.
   */
  artifact(revision: number, name: ArtifactName): Promise<Artifact | undefined> {
    return cached(this.#artifacts, `${revision}/${name}`, async () => {
      const stored = await findArtifact(this.#db, revision, name);
      if (stored) return stored;
      const content = await this.#render(revision, name);
      return content && saveArtifact(this.#db, revision, name, { digest: digestOf(content), content });
    });
  }

  /** The live document of a revision as published; undefined if there is no such revision. */
  document(revision: number): Promise<Document | undefined> {
    return cached(this.#documents, revision, async () => {
      const published = await this.artifact(revision, 'openapi.json');
      return published && JSON.parse(published.content.toString());
    });
  }

  /** Forgets all revisions: the database may have lost some of them. */
  clear(): void {
    this.#artifacts.clear();
    this.#documents.clear();
  }

  async #render(revision: number, name: ArtifactName): Promise<Buffer | undefined> {
    const source = await readSource(this.#db, revision);
    if (!source?.document_digest) return undefined;
    const authored = await this.#authoredDocument(source.document_digest);
    if (name === 'openapi.json') {
      const options = { publicUrl: this.#publicUrl, version: await versionOf(this.#db, revision) };
      return Buffer.from(toJson(liveDocument(authored, withIsoTimes(source.values), revision, options)));
    }
    const document = (await this.document(revision)) as Document;
    if (name === 'openapi.yaml') return Buffer.from(toYaml(document));
    await this.#assertMayRender(revision, source, authored);
    if (name === 'ihf-client.ts' || name === 'ihf-client.py')
      return Buffer.from(renderSdk(document, name, this.#templates));
    return renderPackage(document, name, this.#templates);
  }

  /**
   * While nodes of a revision's release run, only they render its SDKs. This node may when none is left.
   * @throws IhfError unavailable otherwise.
   */
  async #assertMayRender(revision: number, release: KnownRelease, document: Document): Promise<void> {
    const digest = release.document_digest as string;
    if (release.generator_digest === generatorDigest(this.#templates, { document, digest })) return;
    if (!(await isReleaseRunning(this.#db, release))) return;
    const detail = `The SDKs of contract revision ${revision} are rendered by nodes of another release. Retry in 1 s.`;
    throw new IhfError('unavailable', detail, { headers: { 'Retry-After': '1' } });
  }

  #authoredDocument(digest: string): Promise<Document> {
    return cached(this.#authored, digest, async () => (await readDocument(this.#db, digest)) as Document);
  }
}

/** Loads a value once for concurrent callers. Errors and missing values are not cached. */
function cached<K, V>(cache: Map<K, Promise<V>>, key: K, load: () => Promise<V>): Promise<V> {
  const found = cache.get(key);
  if (found) return found;
  const loading = load();
  cache.set(key, loading);
  // The cache may have been cleared and filled again since.
  const forget = () => cache.get(key) === loading && cache.delete(key);
  loading.then((value) => value === undefined && forget(), forget);
  const oldest = cache.keys().next();
  if (cache.size > CACHE_SIZE && !oldest.done) cache.delete(oldest.value);
  return loading;
}

/** Postgres writes timestamps inside JSON in its own format. */
function withIsoTimes(registries: RegistryValueStates): RegistryValueStates {
  const entries = Object.entries(registries).map(([registry, values]) => [
    registry,
    values.map((value) => ({ ...value, sunset_at: value.sunset_at && new Date(value.sunset_at).toISOString() })),
  ]);
  return Object.fromEntries(entries);
}
