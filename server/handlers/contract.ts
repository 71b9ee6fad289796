import { breakingOf, diffDocuments } from '../../codegen/diff.ts';
import type { components } from '../../generated/openapi.ts';
import type { Encoded, Operations } from '../../generated/operations.ts';
import { changesOf } from '../contract/changes.ts';
import type { LiveContract } from '../contract/live-contract.ts';
import { type Artifact, type ArtifactName, documentDigests } from '../store/artifacts.ts';
import { findRevision, listRevisions, type Revision } from '../store/revisions.ts';
import { type Context, found, pageOf } from './context.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const YAML_TYPE = 'application/yaml; charset=utf-8';
const TEXT_TYPE = 'text/plain; charset=utf-8';

/** What is current may change at any moment; what has a revision in its address never does (RFC 8246). */
const CURRENT = 'no-cache';
const IMMUTABLE = 'public, max-age=31536000, immutable';

export const contract: Pick<
  Operations<Context>,
  | 'getContractDocument'
  | 'getContractDocumentYaml'
  | 'listContractRevisions'
  | 'getContractRevision'
  | 'getContractRevisionDocument'
  | 'diffContractRevisions'
  | 'downloadSdk'
  | 'downloadRevisionSdk'
> = {
  async getContractDocument({ headers }, { contract }) {
    return unlessKnown(headers, await contract.currentArtifact('openapi.json'), JSON_TYPE, CURRENT);
  },
  async getContractDocumentYaml({ headers }, { contract }) {
    return unlessKnown(headers, await contract.currentArtifact('openapi.yaml'), YAML_TYPE, CURRENT);
  },
  async downloadSdk({ params, headers }, { contract }) {
    return unlessKnown(headers, await contract.currentArtifact(params.sdk_file), TEXT_TYPE, CURRENT);
  },
  async getContractRevisionDocument({ params, headers }, { contract }) {
    return unlessKnown(headers, await artifactOf(contract, params.revision, 'openapi.json'), JSON_TYPE, IMMUTABLE);
  },
  async downloadRevisionSdk({ params, headers }, { contract }) {
    return unlessKnown(headers, await artifactOf(contract, params.revision, params.sdk_file), TEXT_TYPE, IMMUTABLE);
  },
  async listContractRevisions({ query }, { db, contract }) {
    const page = await listRevisions(db, pageOf(query));
    const digests = await documentDigests(
      db,
      page.data.map(({ revision }) => revision),
    );
    const data = [];
    for (const revision of page.data) data.push(await present(contract, revision, digests.get(revision.revision)));
    return { status: 200, body: { ...page, data } };
  },
  async getContractRevision({ params }, { db, contract }) {
    const revision = found(await findRevision(db, params.revision), `contract revision ${params.revision}`);
    return { status: 200, body: await present(contract, revision) };
  },
  async diffContractRevisions({ query }, { contract }) {
    await contract.catchUp();
    const { from, to = contract.current.revision } = query;
    const [before, after] = await Promise.all([from, to].map((revision) => contract.renderer.document(revision)));
    const changes = diffDocuments(found(before, `contract revision ${from}`), found(after, `contract revision ${to}`));
    return { status: 200, body: { from, to, breaking: breakingOf(changes), changes } };
  },
};

async function artifactOf(contract: LiveContract, revision: number, name: ArtifactName): Promise<Artifact> {
  return found(await contract.renderer.artifact(revision, name), `contract revision ${revision}`);
}

type Download =
  | { status: 200; headers: Record<string, string>; body: Encoded }
  | { status: 304; headers: Record<string, string> };

/** The artifact, or 304 for a caller that has it (RFC 9110, section 13.1.2). */
function unlessKnown(
  headers: { 'if-none-match'?: string },
  { digest, content }: Artifact,
  mediaType: string,
  cacheControl: string,
): Download {
  const etag = `"${digest}"`;
  const known = (headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  const answered = { ETag: etag, 'Cache-Control': cacheControl };
  if (known.includes(etag) || known.includes('*')) return { status: 304, headers: answered };
  return { status: 200, headers: answered, body: { encoded: content, mediaType } };
}

/** @param digest of its document, where that was rendered before. */
async function present(
  contract: LiveContract,
  revision: Revision,
  digest?: string,
): Promise<components['schemas']['ContractRevision']> {
  const changes = changesOf(revision);
  return {
    revision: revision.revision,
    committed_at: revision.committed_at,
    committed_by: revision.committed_by,
    digest: digest ?? (await artifactOf(contract, revision.revision, 'openapi.json')).digest,
    breaking: breakingOf(changes),
    changes,
  };
}
