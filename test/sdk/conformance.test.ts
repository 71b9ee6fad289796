import { rmSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { temporaryFolder } from '../support/database.ts';
import { load } from '../support/typescript-sdk.ts';
import { check } from './conformance/check.ts';
import { SCENARIOS } from './conformance/scenarios.ts';
import { scriptedServer } from './conformance/scripted-server.ts';
import { typescriptText } from './conformance/sdks.ts';
import { playTypescript, type Sdk } from './conformance/typescript-player.ts';

// Most scenarios wait, so they run together; with all at once, some would start too late for the times that they expect.
describe('the TypeScript SDK plays', { concurrency: 12 }, () => {
  const folder = temporaryFolder('ihf-conformance-');
  let sdk: Sdk;

  before(async () => {
    sdk = (await load(folder, typescriptText())) as Sdk;
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const scenario of SCENARIOS.filter(({ not = [] }) => !not.includes('typescript'))) {
    it(scenario.name, async () => {
      const server = await scriptedServer(scenario);
      try {
        check(scenario, server, await playTypescript(sdk, scenario, server.url));
      } finally {
        server.close();
      }
    });
  }
});
