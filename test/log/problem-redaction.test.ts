import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IhfError, invalidRequest } from '../../server/errors.ts';
import { toProblem } from '../../server/http/problem.ts';
import { redactProblem } from '../../server/observability/problem-redaction.ts';

const detailOf = (detail: string) => redactProblem(toProblem(new IhfError('conflict', detail))).detail;

test('the log keeps codes, pointers, and quoted values that are names, ids, numbers or times', () => {
  const kept = [
    "'clickd' is not a value of event_types. Did you mean 'clicked'?",
    'widget_id must be a UUID (got "0199").',
    "There is no widget '01a20992-e11d-72de-af53-f1126c373589'.",
    'occurred_at must be a date and time (got "2026-13-01T00:00:00Z").',
    'limit must be at most 100 (got 1000).',
    "There is nothing at '/api/v2/widgts'.",
    "The widget doesn't exist, and it isn't new.",
  ];
  for (const detail of kept) assert.equal(detailOf(detail), detail);
});

test('all other text from the caller is removed from the log', () => {
  const secrets: [string, string][] = [
    ['widget_id must be a UUID (got "ada@example.com").', 'widget_id must be a UUID (got "…").'],
    ["'Ada Lovelace' is not a value of event_types.", "'…' is not a value of event_types."],
    ['name must be a string (got {"name":"Ada Lovelace"}).', 'name must be a string (got {"name":"…"}).'],
    ['name must be shorter (got "Ada \\"the\\" Lovelace and m…).', 'name must be shorter (got "…"'],
    ['It is ihf_live_isogvP76CiukPiLS0WwZISdOrjblcDR2YFs9vGiPBle08Mz37.', 'It is ihf_live_isogvP….'],
    ["'https://ada:hunter2@example.com' is no address.", "'…' is no address."],
  ];
  for (const [detail, kept] of secrets) assert.equal(detailOf(detail), kept);
  const parsed = new IhfError(
    'malformed_request',
    `The request body must be valid JSON: Unexpected token 'A', "{"n": Ada Lov"... is not.`,
  );
  assert.equal(
    redactProblem(toProblem(parsed)).detail,
    `The request body must be valid JSON: Unexpected token '…', "…"`,
  );
});

test('a logged problem is bounded and contains nothing that Postgres cannot store', () => {
  const failures = Array.from({ length: 25 }, (_, n) => ({
    pointer: `#/events/${n}/ada%40example.com/${'deep'.repeat(40)}`,
    code: 'required',
    detail: `${'😀'.repeat(400)} \ud800 \0 is required`,
  }));
  const redacted = redactProblem(toProblem(invalidRequest(failures)));
  assert.equal(redacted.errors?.length, 10);
  assert.equal(redacted.omitted, 15);
  assert.equal(redacted.errors?.[3]?.pointer, '#/events/3/…/…');
  assert.ok((redacted.errors?.[0]?.detail.length ?? 0) <= 601);
  assert.ok(JSON.stringify(redacted).length < 10_000);
  assert.doesNotMatch(
    JSON.stringify(redactProblem(toProblem(new IhfError('conflict', 'a \ud800 \0 b')))),
    /\\ud800|\\u0000/,
  );
});
