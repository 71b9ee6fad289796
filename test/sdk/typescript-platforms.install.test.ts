import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { temporaryFolder } from '../support/database.ts';
import { npmProject, writeInto } from '../support/npm-project.ts';
import { typescriptSdk } from '../support/typescript-sdk.ts';

const run = promisify(execFile);

/** The oldest compiler that the SDK supports, one of each later generation, and the newest. */
const COMPILERS = { '5.0': '5.0.4', '5.4': '5.4.5', '5.9': '5.9.3', latest: 'latest' };

/** The global types of each platform. */
const PLATFORMS = {
  'browsers and Node': { lib: ['es2020', 'dom', 'dom.iterable'], types: ['node'] },
  browsers: { lib: ['es2020', 'dom', 'dom.iterable'], types: [] },
  Node: { lib: ['es2020'], types: ['node'] },
  'Cloudflare Workers': { lib: ['es2020'], types: ['@cloudflare/workers-types'] },
  Bun: { lib: ['es2020'], types: ['bun-types'] },
};

/** The body of a function that uses each part of the SDK. */
const USE = `
  const ihf = new IhfClient({ baseUrl: 'http://127.0.0.1:3000', fetch: async () => new Response('{}') });
  const event = await ihf.createInteractionEvent({ widget_id: 'w', event_type: 'clicked', occurred_at: new Date() });
  const label = isKnownValue(event.event_type, EventTypes) ? EventTypes[event.event_type].label : event.event_type;
  const headers: Record<string, string | string[] | undefined> = {};
  const message = await verifyWebhook('', headers, '');
  for await (const widget of ihf.iterateWidgets()) widget.key.trim();
  const reporter = new Reporter(ihf, { onDrop: (events, reason) => events[0]?.event_type.concat(reason) });
  reporter.track({ widget_id: 'w', event_type: 'clicked' });
  // @ts-expect-error a misspelled value
  reporter.track({ widget_id: 'w', event_type: 'clickd' });
  return [label, message, (error: unknown) => error instanceof IhfError && error.url];
`;
const user = (from: string) => `
import { EventTypes, IhfClient, IhfError, isKnownValue, Reporter, verifyWebhook } from '${from}';
export async function use() {${USE}}
`;

const folder = temporaryFolder('ihf-platforms-');
const bin = (name: string) => join(folder, 'node_modules/.bin', name);

before(async () => {
  await npmProject(folder, [
    ...Object.entries(COMPILERS).map(([name, version]) => `typescript-${name}@npm:typescript@${version}`),
    ...['@types/node@20', '@cloudflare/workers-types', 'bun-types', 'jest@30', '@arethetypeswrong/cli@0.18'],
  ]);
  writeInto(folder, {
    'src/package.json': '{ "type": "module" }',
    'src/module.mts': user('ihf-client'),
    'src/common.cts': user('ihf-client'),
    'src/file.ts': user('./ihf-client.js'),
    'src/ihf-client.ts': typescriptSdk(),
  });
});
after(() => rmSync(folder, { recursive: true, force: true }));

describe('the TypeScript SDK compiles as a file, as a package from a module, and as a package from CommonJS', () => {
  for (const compiler of Object.keys(COMPILERS)) {
    it(`with TypeScript ${compiler}, with the libraries of ES2020, for each platform`, async () => {
      for (const [platform, globals] of Object.entries(PLATFORMS)) {
        const compilerOptions = {
          ...{ ...globals, target: 'es2020', module: 'nodenext', strict: true, noEmit: true, skipLibCheck: true },
          ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
        };
        const files = ['src/module.mts', 'src/common.cts', 'src/file.ts'];
        writeInto(folder, { 'tsconfig.json': JSON.stringify({ compilerOptions, files }) });
        const tsc = join(folder, `node_modules/typescript-${compiler}/bin/tsc`);
        const { stdout } = await run(process.execPath, [tsc, '--pretty', 'false'], { cwd: folder }).catch(
          (error) => error,
        );
        assert.equal(stdout, '', platform);
      }
    });
  }
});

it('the types of the package are right for every kind of import', async () => {
  const cwd = join(folder, 'node_modules/ihf-client');
  await assert.doesNotReject(run(bin('attw'), ['--pack', '.', '--no-color'], { cwd }));
});

it('modules and CommonJS of one Node process share the classes of the package', async () => {
  const script = `const { IhfError } = require('ihf-client');
    import('ihf-client').then((sdk) => console.log(sdk.IhfError === IhfError));`;
  assert.equal((await run(process.execPath, ['-e', script], { cwd: folder })).stdout, 'true\n');
});

it('Jest runs tests of an application in CommonJS, with a stub of the transport', async () => {
  writeInto(folder, {
    'jest/package.json': '{ "private": true }',
    'jest/application.test.js': `
      const { IhfClient, NotFoundError } = require('ihf-client');
      test('a missing hub', async () => {
        const fetch = async () => new Response('{}', { status: 404 });
        await expect(new IhfClient({ fetch }).getHub('a')).rejects.toBeInstanceOf(NotFoundError);
      });`,
  });
  await assert.doesNotReject(run(bin('jest'), ['--rootDir', 'jest'], { cwd: folder }));
});
