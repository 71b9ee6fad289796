import { rmSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { temporaryFolder } from '../support/database.ts';
import { load } from '../support/typescript-sdk.ts';
import { check } from './conformance/check.ts';
import { scriptedHub } from './conformance/hub.ts';
import { SCENARIOS } from './conformance/scenarios.ts';
import { typescriptText } from './conformance/sdks.ts';
import { playTypescript, type Sdk } from './conformance/typescript-player.ts';

// Many wait, and wait together. All at once would keep each other from starting within the times that some of them tell.
describe('the TypeScript SDK plays', { concurrency: 12 }, () => {
  const folder = temporaryFolder('ihf-conformance-');
  let sdk: Sdk;

  before(async () => {
    sdk = (await load(folder, typescriptText())) as Sdk;
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const scenario of SCENARIOS.filter(({ not = [] }) => !not.includes('typescript'))) {
    it(scenario.name, async () => {
      const hub = await scriptedHub(scenario);
      try {
        check(scenario, hub, await playTypescript(sdk, scenario, hub.url));
      } finally {
        hub.close();
      }
    });
  }
});
