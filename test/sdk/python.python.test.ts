import { deepEqual, equal, ok } from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { operationsOf } from '../../codegen/document.ts';
import { liveDocument } from '../../codegen/live.ts';
import { authored, registryValue } from '../support/contract.ts';
import { HOSTILE } from '../support/hostile-texts.ts';
import { REGISTRY_VALUES } from '../support/typescript-sdk.ts';
import { pythonSdk } from './python-sdk.ts';

/** An interpreter with what test/requirements.txt names. */
const PYTHON = process.env.IHF_PYTHON ?? 'python3';
const SCENARIOS = resolve(import.meta.dirname, '../../../test/sdk/python_client_test.py');
const PROCESSES = resolve(import.meta.dirname, '../../../test/sdk/python_processes_test.py');

const folder = mkdtempSync(join(tmpdir(), 'ihf-python-sdk-'));
after(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'ihf_client.py'), pythonSdk());

function python(args: string[], cwd = folder): Promise<{ status: number; output: string }> {
  const env = { ...process.env, PYTHONPATH: cwd, PYTHONUTF8: '1', PYTHONDONTWRITEBYTECODE: '1' };
  return new Promise((done, fail) => {
    execFile(PYTHON, args, { cwd, env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const [missing] = /No module named '?(mypy|pyright|httpx|ruff|trio)/.exec(stderr) ?? [];
      if (missing) fail(new Error(`${missing}: ${PYTHON} (IHF_PYTHON) must have what test/requirements.txt names`));
      else if (error && typeof error.code !== 'number') fail(error);
      else done({ status: Number(error?.code ?? 0), output: stdout + stderr });
    });
  });
}

/** Each checker's lines with an error in one file of the folder; -1 where it failed otherwise. */
const CHECKERS = {
  async mypy(file: string): Promise<number[]> {
    const { status, output } = await python(['-m', 'mypy', '--strict', '--python-version', '3.10', file]);
    const lines = [...output.matchAll(/^([\w.]+):(\d+): error/gm)].filter(([, name]) => name === file);
    return lines.length === 0 && status !== 0 ? [-1] : unique(lines.map(([, , line]) => Number(line)));
  },
  async pyright(file: string): Promise<number[]> {
    const { output } = await python(['-m', 'pyright', '--pythonversion', '3.10', '--outputjson', file]);
    const report = JSON.parse(output.slice(output.indexOf('{\n'), output.lastIndexOf('}') + 1));
    const found: { severity: string; range: { start: { line: number } } }[] = report.generalDiagnostics;
    return unique(found.filter(({ severity }) => severity === 'error').map(({ range }) => range.start.line + 1));
  },
};

function unique(lines: number[]): number[] {
  return [...new Set(lines)].sort((a, b) => a - b);
}

const HEAD = `from datetime import datetime, timezone
from typing import Mapping
from typing_extensions import assert_never, assert_type
from ihf_client import EVENT_TYPES, NOT_GIVEN, AsyncIhfClient, EventType, IhfClient, InteractionEventCreate
from ihf_client import KnownEventType, StoredEventType, UnknownEventType
from ihf_client import UnknownWidgetType, WebhookMessage, is_known_value, is_usable_value
client = IhfClient()
`;

const RIGHT = `${HEAD}
event = client.create_interaction_event(widget_id="w", event_type="clicked", occurred_at=datetime.now(timezone.utc))
stored: StoredEventType = event["event_type"]
print(stored.upper())

def complete(stored: StoredEventType) -> str:
    match stored:
        case "clicked" | "pressed" | "tapped":
            return stored
        case newer:
            return assert_type(newer, UnknownEventType)

def about(stored: StoredEventType) -> str:
    if is_known_value(stored, EVENT_TYPES):
        assert_type(stored, KnownEventType)
        match stored:
            case "clicked" | "pressed":
                return EVENT_TYPES[stored].label
            case "tapped":
                return "Tapped"
            case _:
                assert_never(stored)
    return assert_type(stored, UnknownEventType)

def received(message: WebhookMessage) -> str:
    if message["type"] == "interaction.recorded":
        return message["data"]["event_type"]
    return message["type"]

count: Mapping[KnownEventType, int] = {"clicked": 1, "pressed": 2}
choice: EventType = "pressed"
if is_usable_value(stored, EVENT_TYPES):
    assert_type(stored, EventType)
    client.create_interaction_event(widget_id="w", event_type=stored)
reporter = client.reporter(max_queue=10)
reporter.track({"widget_id": "w", "event_type": choice})
item: InteractionEventCreate = {"widget_id": "w", "event_type": choice}
client.create_interaction_event_batch(events=(item, {"widget_id": "w", "event_type": "clicked", "actor_id": "a"}))
client.update_widget("w", description=None, name=NOT_GIVEN)
client.list_interaction_events(event_type="a word of yesterday", cursor=client.list_hubs()["next_cursor"])

async def report() -> str:
    async with AsyncIhfClient(timeout=5) as client:
        return (await client.create_interaction_event(widget_id="w", event_type="clicked"))["id"]
`;

const WRONG = `${HEAD}
client.create_interaction_event(widget_id="w", event_type="clickd")  # wrong
client.create_interaction_event(widget_id="w", event_type="tapped")  # wrong: retired
client.create_interaction_event(event_type="clicked")  # wrong
client.create_interaction_event(widget_id="w", event_type="clicked", colour="green")  # wrong
client.create_interaction_event(widget_id="w", event_type="clicked", actor_id=None)  # wrong
client.create_interaction_event("w", "clicked")  # wrong
client.create_interaction_event_batch(events=[{"widget_id": "w", "event_type": "clickd"}])  # wrong
client.get_registry_value("colours", "green")  # wrong
client.list_hubs()["data"][0]["colour"]  # wrong
client.get_hub("h", idempotency_key="k")  # wrong
stored: StoredEventType = client.get_interaction_event("e")["event_type"]
client.create_interaction_event(widget_id="w", event_type=stored)  # wrong
any_string: StoredEventType = str(stored)  # wrong
EVENT_TYPES[stored].label  # wrong
if not is_known_value(stored, EVENT_TYPES):
    of_another: UnknownWidgetType = stored  # wrong

def forgetful(stored: StoredEventType) -> UnknownEventType:
    match stored:
        case "clicked" | "pressed":
            raise ValueError
        case newer:
            return newer  # wrong: tapped

def received(message: WebhookMessage) -> str:
    if message["type"] == "interaction.recorded":
        return message["data"]["widget_type"]  # wrong
    return ""

async def report(client: AsyncIhfClient) -> None:
    await client.create_interaction_event(widget_id="w", event_type="clickd")  # wrong
`;

for (const [name, linesWithErrors] of Object.entries(CHECKERS)) {
  test(`${name} accepts the client, and takes right from wrong in its use`, async () => {
    deepEqual(await linesWithErrors('ihf_client.py'), []);
    writeFileSync(join(folder, 'right.py'), RIGHT);
    deepEqual(await linesWithErrors('right.py'), []);
    writeFileSync(join(folder, 'wrong.py'), WRONG);
    const wrong = WRONG.split('\n').flatMap((line, index) => (line.includes('# wrong') ? [index + 1] : []));
    deepEqual(await linesWithErrors('wrong.py'), wrong);
  });
}

test('Python reads registry text unchanged', async () => {
  const hostile = join(folder, 'hostile');
  mkdirSync(hostile);
  const words = HOSTILE.map((text, index) => registryValue(`word_${index}`, { label: text, description: text }));
  const registryValues = { event_types: words, widget_types: [], annotation_categories: words };
  writeFileSync(join(hostile, 'ihf_client.py'), pythonSdk(registryValues));
  const script = 'import json, ihf_client as c; print(json.dumps([w.description for w in c.EVENT_TYPES.values()]))';
  const { status, output } = await python(['-W', 'error', '-c', script], hostile);
  equal(status, 0, output);
  deepEqual(new Set(JSON.parse(output)), new Set(HOSTILE));
});

test('the Python samples of the published document pass strict type checks', async () => {
  const document = liveDocument(authored, REGISTRY_VALUES, 7);
  const samples = [...operationsOf(document)].flatMap(
    ({ operation }) => operation['x-codeSamples']?.filter(({ lang }) => lang === 'Python') ?? [],
  );
  ok(samples.length > 20);
  // A function each, because their variables have the same names.
  const functions = samples.map(({ source }, index) => {
    return `def sample_${index}() -> None:\n${source.replace(/^(?=.)/gm, '    ')}\n`;
  });
  writeFileSync(join(folder, 'samples.py'), functions.join('\n'));
  deepEqual(await CHECKERS.mypy('samples.py'), []);
});

test('ruff has nothing to report about the client', async () => {
  const { status, output } = await python([
    '-m',
    'ruff',
    'check',
    '--isolated',
    '--line-length',
    '120',
    'ihf_client.py',
  ]);
  equal(status, 0, output);
});

test('the clients work in forked processes, threads, asyncio and trio, and behind proxies', async () => {
  const { status, output } = await python([PROCESSES]);
  equal(status, 0, output);
});

test('both clients do what they should against a server', async () => {
  const { status, output } = await python([SCENARIOS]);
  equal(status, 0, output);
});
