import type { Document } from '../../codegen/document.ts';
import { digestOf, liveDocument, toJson, toYaml } from '../../codegen/live.ts';
import { renderPackage, renderSdk, type SdkPackage, type Templates } from '../../codegen/sdk/render.ts';
import { type Artifact, type ArtifactName, findArtifact, keepArtifact } from '../store/artifacts.ts';
import type { Db } from '../store/database.ts';
import { findPackage, keepPackage, type Package } from '../store/packages.ts';
import { readDocument, readSource, type Words } from '../store/revisions.ts';

/** How many artifacts and documents stay in memory: the current revision's and those of a few clients that lag. */
const KEPT = 64;

/**
 * The documents and SDKs of any revision. They are rendered when first asked for and kept in the database from then
 * on, so that every node and every later version of the hub serves the same bytes.
 */
export class Renderer {
  readonly #db: Db;
  readonly #templates: Templates;
  readonly #artifacts = new Map<string, Promise<Artifact | undefined>>();
  readonly #packages = new Map<string, Promise<Package | undefined>>();
  readonly #authored = new Map<string, Promise<Document>>();
  readonly #documents = new Map<number, Promise<Document | undefined>>();

  constructor(db: Db, templates: Templates) {
    this.#db = db;
    this.#templates = templates;
  }

  /** An artifact of a revision; undefined if there is no such revision. */
  artifact(revision: number, name: ArtifactName): Promise<Artifact | undefined> {
    return remember(this.#artifacts, `${revision}/${name}`, async () => {
      const kept = await findArtifact(this.#db, revision, name);
      if (kept) return kept;
      const document = await this.document(revision);
      if (!document) return undefined;
      const content = this.#render(document, name);
      return keepArtifact(this.#db, revision, name, { digest: digestOf(content), content });
    });
  }

  /** A package of a revision, for installers; undefined if there is no such revision. */
  package(revision: number, name: SdkPackage): Promise<Package | undefined> {
    return remember(this.#packages, `${revision}/${name}`, async () => {
      const kept = await findPackage(this.#db, revision, name);
      if (kept) return kept;
      const document = await this.document(revision);
      if (!document) return undefined;
      const content = renderPackage(document, name, this.#templates);
      return keepPackage(this.#db, revision, name, { digest: digestOf(content), content });
    });
  }

  /** The live document of a revision; undefined if there is no such revision. */
  document(revision: number): Promise<Document | undefined> {
    return remember(this.#documents, revision, async () => {
      const source = await readSource(this.#db, revision);
      if (!source?.document_digest) return undefined;
      const authored = await this.#authoredDocument(source.document_digest);
      return liveDocument(authored, withIsoTimes(source.words), revision);
    });
  }

  #authoredDocument(digest: string): Promise<Document> {
    return remember(this.#authored, digest, async () => (await readDocument(this.#db, digest)) as Document);
  }

  #render(document: Document, name: ArtifactName): string {
    if (name === 'openapi.json') return toJson(document);
    if (name === 'openapi.yaml') return toYaml(document);
    return renderSdk(document, name, this.#templates);
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
function withIsoTimes(words: Words): Words {
  const entries = Object.entries(words).map(([registry, list]) => [
    registry,
    list.map((word) => ({ ...word, sunset_at: word.sunset_at && new Date(word.sunset_at).toISOString() })),
  ]);
  return Object.fromEntries(entries);
}
