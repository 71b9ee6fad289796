import { breakingOf } from '../../codegen/diff.ts';
import type { components } from '../../generated/openapi.ts';
import type { Encoded, Operations } from '../../generated/operations.ts';
import { CURRENT, IMMUTABLE } from '../contract/cache-control.ts';
import { changesBetween, changesOf } from '../contract/changes.ts';
import type { LiveContract } from '../contract/live-contract.ts';
import { withServerUrl } from '../contract/server-url.ts';
import { type Artifact, type ArtifactName, documentDigests } from '../store/contract/artifacts.ts';
import { findRevision, listRevisions, type Revision } from '../store/contract/revisions.ts';
import { type Context, orNotFound, pageOf } from './context.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const YAML_TYPE = 'application/yaml; charset=utf-8';
const TEXT_TYPE = 'text/plain; charset=utf-8';

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
  async getContractDocument(_, { contract, calledUrl }) {
    const document = await contract.currentArtifact('openapi.json');
    return file(withServerUrl(document, 'json', calledUrl), JSON_TYPE, CURRENT);
  },
  async getContractDocumentYaml(_, { contract, calledUrl }) {
    const document = await contract.currentArtifact('openapi.yaml');
    return file(withServerUrl(document, 'yaml', calledUrl), YAML_TYPE, CURRENT);
  },
  async downloadSdk({ params }, { contract }) {
    return file(await contract.currentArtifact(params.sdk_file), TEXT_TYPE, CURRENT);
  },
  async getContractRevisionDocument({ params }, { contract }) {
    return file(await artifactOf(contract, params.revision, 'openapi.json'), JSON_TYPE, IMMUTABLE);
  },
  async downloadRevisionSdk({ params }, { contract }) {
    return file(await artifactOf(contract, params.revision, params.sdk_file), TEXT_TYPE, IMMUTABLE);
  },
  async listContractRevisions({ query }, { db, contract }) {
    const page = await listRevisions(db, pageOf(query));
    const digests = await documentDigests(
      db,
      page.data.map(({ revision }) => revision),
    );
    const data = [];
    for (const revision of page.data) data.push(await revisionBody(contract, revision, digests.get(revision.revision)));
    return { status: 200, body: { ...page, data } };
  },
  async getContractRevision({ params }, { db, contract }) {
    const revision = orNotFound(await findRevision(db, params.revision), `contract revision ${params.revision}`);
    return { status: 200, body: await revisionBody(contract, revision) };
  },
  async diffContractRevisions({ query }, { db, contract }) {
    await contract.catchUp();
    const { from, to = contract.current.revision } = query;
    const changes = await changesBetween(db, contract.renderer, from, to);
    return { status: 200, body: { from, to, breaking: breakingOf(changes), changes } };
  },
};

async function artifactOf(contract: LiveContract, revision: number, name: ArtifactName): Promise<Artifact> {
  return orNotFound(await contract.renderer.artifact(revision, name), `contract revision ${revision}`);
}

function file(
  { digest, content }: Artifact,
  mediaType: string,
  cacheControl: string,
): { status: 200; headers: Record<string, string>; body: Encoded } {
  return { status: 200, headers: { 'Cache-Control': cacheControl }, body: { encoded: content, digest, mediaType } };
}

/** The kind of author only: a consumer must not see the names of operators, or which consumer of which hub it was. */
function authorOf({ document_changes }: Revision): 'operator' | 'release' {
  return document_changes === null ? 'operator' : 'release';
}

/** @param digest the digest of the revision's document, if it is rendered already. */
async function revisionBody(
  contract: LiveContract,
  revision: Revision,
  digest?: string,
): Promise<components['schemas']['ContractRevision']> {
  const changes = changesOf(revision, contract.authored);
  return {
    revision: revision.revision,
    committed_at: revision.committed_at,
    committed_by: authorOf(revision),
    digest: digest ?? (await artifactOf(contract, revision.revision, 'openapi.json')).digest,
    breaking: breakingOf(changes),
    changes,
  };
}
