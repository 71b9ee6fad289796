import express, { type Request, type RequestHandler, type Response } from 'express';
import { type SdkPackage, versionOf, wheelName } from '../../codegen/sdk/render.ts';
import { CURRENT, download, IMMUTABLE } from '../contract/download.ts';
import type { LiveContract } from '../contract/live-contract.ts';
import { IhfError } from '../errors.ts';
import { type Artifact, renderedRevisions } from '../store/contract/artifacts.ts';
import type { Db } from '../store/database/database.ts';
import { projectPage, projectsPage } from './simple-index.ts';

const MEDIA_TYPES: Record<SdkPackage, string> = {
  'ihf-client.tgz': 'application/gzip',
  'ihf_client.whl': 'application/zip',
};
const SDK = '/api/v2/sdk';
const REVISION = '/api/v2/contract/revisions/:revision/sdk';
const WHEEL = 'ihf_client-:version-py3-none-any.whl';

/** Serves what npm and pip download: the SDK packages and a package index (PEP 503). */
export function packages(db: Db, contract: LiveContract): RequestHandler {
  const router = express.Router({ caseSensitive: true, strict: true });
  const current = async () => {
    await contract.catchUp();
    return contract.current.revision;
  };

  router.get(`${SDK}/ihf-client.tgz`, async (request, response) => {
    send(request, response, await packageOf(contract, await current(), 'ihf-client.tgz'), 'ihf-client.tgz', CURRENT);
  });
  router.get(`${SDK}/ihf_client-latest`, async (_request, response) => {
    response
      .set('Cache-Control', CURRENT)
      .redirect(302, wheelName({ version: versionOf(contract.authored, await current()) }));
  });
  router.get(`${SDK}/${WHEEL}`, async (request, response) => {
    const revision = revisionOf(contract, request.params.version);
    send(request, response, await packageOf(contract, revision, 'ihf_client.whl'), 'ihf_client.whl', IMMUTABLE);
  });
  router.get(`${REVISION}/ihf-client.tgz`, async (request, response) => {
    const revision = Number(request.params.revision);
    send(request, response, await packageOf(contract, revision, 'ihf-client.tgz'), 'ihf-client.tgz', IMMUTABLE);
  });
  router.get(`${REVISION}/${WHEEL}`, async (request, response) => {
    const revision = revisionOf(contract, request.params.version);
    if (revision !== Number(request.params.revision)) throw noSuchVersion(request.params.version);
    send(request, response, await packageOf(contract, revision, 'ihf_client.whl'), 'ihf_client.whl', IMMUTABLE);
  });
  for (const page of ['simple', 'simple/ihf-client']) {
    router.get(`${SDK}/${page}`, (_request, response) => {
      response.redirect(301, `${page.split('/').at(-1)}/`);
    });
  }
  router.get(`${SDK}/simple/`, (_request, response) => {
    response.type('html').send(projectsPage());
  });
  router.get(`${SDK}/simple/ihf-client/`, async (_request, response) => {
    // Renders the current wheel if no client has requested it yet: the index lists rendered wheels only.
    await packageOf(contract, await current(), 'ihf_client.whl');
    const rendered = await renderedRevisions(db, 'ihf_client.whl');
    const wheels = rendered.map(({ revision, digest }) => {
      return { name: wheelName({ version: versionOf(contract.authored, revision) }), digest };
    });
    response.set('Cache-Control', CURRENT).type('html').send(projectPage(wheels));
  });
  return router;
}

async function packageOf(contract: LiveContract, revision: number, name: SdkPackage): Promise<Artifact> {
  const valid = Number.isInteger(revision) && revision > 0 && revision < 2 ** 31;
  const found = valid ? await contract.renderer.artifact(revision, name) : undefined;
  if (!found) throw new IhfError('not_found', 'No such contract revision. See /api/v2/contract/revisions.');
  return found;
}

/** The contract revision in a package version. */
function revisionOf({ authored }: LiveContract, version: unknown): number {
  const revision = Number(/\d+$/.exec(String(version))?.[0]);
  if (versionOf(authored, revision) !== version) throw noSuchVersion(version);
  return revision;
}

function noSuchVersion(version: unknown): IhfError {
  return new IhfError(
    'not_found',
    `No package version '${String(version).slice(0, 40)}'. See /api/v2/sdk/simple/ihf-client/.`,
  );
}

function send(request: Request, response: Response, artifact: Artifact, name: SdkPackage, cacheControl: string): void {
  const file = download(artifact, request.headers['if-none-match'], cacheControl);
  response.status(file.status).set(file.headers);
  if (file.status === 304) response.end();
  else response.set('Content-Type', MEDIA_TYPES[name]).send(file.content);
}
