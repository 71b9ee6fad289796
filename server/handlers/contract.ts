import { breakingOf } from '../../codegen/diff.ts';
import type { components } from '../../generated/openapi.ts';
import type { Encoded, Operations } from '../../generated/operations.ts';
import { changesBetween, changesOf } from '../contract/changes.ts';
import { CURRENT, download, IMMUTABLE } from '../contract/download.ts';
import type { LiveContract } from '../contract/live-contract.ts';
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
    const revision = orNotFound(await findRevision(db, params.revision), `contract revision ${params.revision}`);
    return { status: 200, body: await present(contract, revision) };
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

function unlessKnown(
  given: { 'if-none-match'?: string },
  artifact: Artifact,
  mediaType: string,
  cacheControl: string,
): { status: 200; headers: Record<string, string>; body: Encoded } | { status: 304; headers: Record<string, string> } {
  const answer = download(artifact, given['if-none-match'], cacheControl);
  if (answer.status === 304) return answer;
  const { content, ...rest } = answer;
  return { ...rest, body: { encoded: content, mediaType } };
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
