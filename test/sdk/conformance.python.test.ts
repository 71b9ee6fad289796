import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type CallResult, check } from './conformance/check.ts';
import { SCENARIOS } from './conformance/scenarios.ts';
import { type ScriptedServer, scriptedServer } from './conformance/scripted-server.ts';
import { pythonText } from './conformance/sdks.ts';

/** An interpreter with what test/requirements.txt names. */
const PYTHON = process.env.IHF_PYTHON ?? 'python3';
const PLAYER = resolve(import.meta.dirname, '../../../test/sdk/conformance/python_player.py');

const folder = mkdtempSync(join(tmpdir(), 'ihf-conformance-'));
writeFileSync(join(folder, 'ihf_client.py'), pythonText());
after(() => rmSync(folder, { recursive: true }));

for (const player of ['python', 'python-async'] as const) {
  describe(`the ${player === 'python' ? 'synchronous' : 'asynchronous'} Python SDK plays`, () => {
    const scenarios = SCENARIOS.filter(({ not = [] }) => !not.includes(player));
    let servers: ScriptedServer[] = [];
    let results: CallResult[][] = [];

    // One interpreter plays a dozen of them at a time.
    before(async () => {
      servers = await Promise.all(scenarios.map(scriptedServer));
      results = await run(
        player,
        scenarios.map((scenario, index) => ({ ...scenario, url: servers[index]?.url })),
      );
    });
    after(() => servers.forEach((server) => void server.close()));

    for (const [index, scenario] of scenarios.entries()) {
      it(scenario.name, () => check(scenario, servers[index] as ScriptedServer, results[index] ?? []));
    }
  });
}

function run(player: string, scenarios: object[]): Promise<CallResult[][]> {
  const env = { ...process.env, PYTHONPATH: folder, PYTHONUTF8: '1', PYTHONDONTWRITEBYTECODE: '1' };
  const child = spawn(PYTHON, ['-W', 'error', PLAYER, player], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(scenarios));
  return new Promise((done, fail) => {
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.once('error', fail);
    child.once('close', (code) =>
      code === 0 ? done(JSON.parse(output)) : fail(new Error(`${PYTHON} (IHF_PYTHON) ended with ${code}`)),
    );
  });
}
