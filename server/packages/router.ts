import express, { type Request, type RequestHandler, type Response } from 'express';
import { digestOf } from '../../codegen/live.ts';
import { NPM_NAME, readWheelMetadata, type SdkPackage, wheelName } from '../../codegen/sdk/render.ts';
import { CURRENT, IMMUTABLE } from '../contract/cache-control.ts';
import type { LiveContract } from '../contract/live-contract.ts';
import { versionOf } from '../contract/versions.ts';
import { IhfError } from '../errors.ts';
import { requiredContext } from '../http/request-context.ts';
import { type File, sendFile } from '../http/send-file.ts';
import type { Db } from '../store/database/database.ts';
import { Indexes, NPM_ABBREVIATED, NPM_FULL, PYTHON_FORMS } from './indexes.ts';
import { projectsHtml, projectsJson } from './python-index.ts';

const MEDIA_TYPES: Record<SdkPackage, string> = {
  'client.tgz': 'application/gzip',
  'ihf-client.tgz': 'application/gzip',
  'ihf_client.whl': 'application/zip',
};
const SDK = '/api/v2/sdk';
const REVISION = '/api/v2/contract/revisions/:revision/sdk';
const WHEEL = 'ihf_client-:version-py3-none-any.whl';
/** npm encodes the slash in the name of a scoped package. */
const NPM_DOCUMENT = [`${SDK}/npm/:name`, `${SDK}/npm/:scope/:name`];
const NPM_TARBALL = `${SDK}/npm/@ihf/client/-/client-:version.tgz`;

/** Serves what npm and pip download: the packages, an npm registry and a Python package index (PEP 503 and PEP 691). */
export function packages(db: Db, contract: LiveContract): RequestHandler {
  const router = express.Router({ caseSensitive: true, strict: true });
  const indexes = new Indexes(db, contract);
  const current = async () => {
    await contract.catchUp();
    return contract.current.revision;
  };
  const wheelOf = async (version: unknown) => packageOf(contract, await revisionOf(db, version), 'ihf_client.whl');

  router.get(NPM_DOCUMENT, async (request, response) => {
    const { scope, name } = request.params;
    if ((scope ? `${scope}/${name}` : name) !== NPM_NAME) {
      throw new IhfError('not_found', `This registry contains only ${NPM_NAME}.`);
    }
    const { calledUrl } = requiredContext(response, 'source');
    const form = request.accepts([NPM_FULL, NPM_ABBREVIATED]) === NPM_ABBREVIATED ? NPM_ABBREVIATED : NPM_FULL;
    response.vary('Accept');
    await send(request, response, await indexes.npm(`${calledUrl}${SDK}/npm/${NPM_NAME}`, form), CURRENT);
  });
  router.get(NPM_TARBALL, async (request, response) => {
    const revision = await revisionOf(db, request.params.version);
    await send(request, response, await packageOf(contract, revision, 'client.tgz'), IMMUTABLE);
  });

  for (const page of ['simple', 'simple/ihf-client']) {
    router.get(`${SDK}/${page}`, (_request, response) => {
      response.redirect(301, `${page.split('/').at(-1)}/`);
    });
  }
  router.get(`${SDK}/simple/`, (request, response) => {
    const form = pythonForm(request, response);
    response.type(form).send(form.endsWith('json') ? JSON.stringify(projectsJson()) : projectsHtml());
  });
  router.get(`${SDK}/simple/ihf-client/`, async (request, response) => {
    await send(request, response, await indexes.python(pythonForm(request, response)), CURRENT);
  });
  router.get(`${SDK}/ihf_client-latest`, async (_request, response) => {
    const version = (await versionOf(db, await current())) as string;
    response.set('Cache-Control', CURRENT).redirect(302, wheelName({ version }));
  });
  router.get(`${SDK}/${WHEEL}.metadata`, async (request, response) => {
    const content = readWheelMetadata((await wheelOf(request.params.version)).content as Buffer);
    const file = { content, digest: digestOf(content), mediaType: 'text/plain; charset=utf-8' };
    await send(request, response, file, IMMUTABLE);
  });
  router.get(`${SDK}/${WHEEL}`, async (request, response) => {
    await send(request, response, await wheelOf(request.params.version), IMMUTABLE);
  });
  router.get(`${REVISION}/${WHEEL}`, async (request, response) => {
    const { revision, version } = request.params;
    if ((await revisionOf(db, version)) !== Number(revision)) throw noSuchVersion(version);
    await send(request, response, await wheelOf(version), IMMUTABLE);
  });

  // From before the registry, for projects that installed from these URLs.
  router.get(`${SDK}/ihf-client.tgz`, async (request, response) => {
    await send(request, response, await packageOf(contract, await current(), 'ihf-client.tgz'), CURRENT);
  });
  router.get(`${REVISION}/ihf-client.tgz`, async (request, response) => {
    const file = await packageOf(contract, Number(request.params.revision), 'ihf-client.tgz');
    await send(request, response, file, IMMUTABLE);
  });
  return router;
}

function pythonForm(request: Request, response: Response) {
  response.vary('Accept');
  const accepted = request.accepts([...PYTHON_FORMS]);
  return PYTHON_FORMS.find((form) => form === accepted) ?? 'text/html';
}

async function packageOf(contract: LiveContract, revision: number, name: SdkPackage): Promise<File> {
  const valid = Number.isInteger(revision) && revision > 0 && revision < 2 ** 31;
  const found = valid ? await contract.renderer.artifact(revision, name) : undefined;
  if (!found) throw new IhfError('not_found', 'No such contract revision. See /api/v2/contract/revisions.');
  return { ...found, mediaType: MEDIA_TYPES[name] };
}

/** The contract revision of a package version: its last number. */
async function revisionOf(db: Db, version: unknown): Promise<number> {
  const revision = Number(/\d{1,9}$/.exec(String(version))?.[0]);
  if (!revision || (await versionOf(db, revision)) !== version) throw noSuchVersion(version);
  return revision;
}

function noSuchVersion(version: unknown): IhfError {
  return new IhfError(
    'not_found',
    `No package version '${String(version).slice(0, 40)}'. See /api/v2/sdk/simple/ihf-client/.`,
  );
}

async function send(request: Request, response: Response, file: File, cacheControl: string): Promise<void> {
  response.setHeader('Cache-Control', cacheControl);
  await sendFile(request, response, file);
}
