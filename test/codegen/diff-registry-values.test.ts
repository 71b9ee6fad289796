import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { breakingOf, type Change, diffDocuments, registryValueChange } from '../../codegen/diff.ts';
import {
  type Document,
  isAccepted,
  type RegistryValue,
  type RegistryValueStatus,
  type RegistryValues,
} from '../../codegen/document.ts';
import { liveDocument } from '../../codegen/live.ts';
import { authored, randomNumbers, registryValue } from '../support/contract.ts';

const NOT_BREAKING = { requests: false, responses: false, generated_code: false };
const REQUESTS = { requests: true, responses: false, generated_code: false };

const successor = { replaced_by: 'clicked', sunset_at: '2027-03-31T00:00:00+00:00' };
const active = registryValue('pressed');
const deprecated = registryValue('pressed', { status: 'deprecated', ...successor });
const retired = registryValue('pressed', { status: 'retired', ...successor });

describe('a change of a registry', () => {
  const cases: [string, RegistryValue | null, RegistryValue, Change['kind'][], string, Change['breaking']][] = [
    ['a new value', null, active, ['added'], "Requests may now send the event type 'pressed'.", NOT_BREAKING],
    [
      'a deprecation, with its replacement and date',
      active,
      deprecated,
      ['deprecated'],
      "The event type 'pressed' is deprecated. Use 'clicked' instead. Planned retirement: 2027-03-31.",
      NOT_BREAKING,
    ],
    [
      'a retirement, which breaks requests',
      deprecated,
      retired,
      ['retired'],
      "Requests may no longer send the event type 'pressed'. Use 'clicked' instead.",
      REQUESTS,
    ],
    [
      'a retirement without a deprecation before it',
      active,
      registryValue('pressed', { status: 'retired' }),
      ['retired'],
      "Requests may no longer send the event type 'pressed'.",
      REQUESTS,
    ],
    [
      'another date for a retirement',
      deprecated,
      { ...deprecated, sunset_at: '2027-06-30T00:00:00+00:00' },
      ['changed'],
      "The event type 'pressed' is deprecated. Use 'clicked' instead. Planned retirement: 2027-06-30.",
      NOT_BREAKING,
    ],
    [
      'another label',
      active,
      { ...active, label: 'Press' },
      ['described'],
      'The label of event_types.pressed changed.',
      NOT_BREAKING,
    ],
    [
      'a  value that is retired from the start, which no request could send',
      null,
      retired,
      ['retired'],
      "Responses may now contain the event type 'pressed', but it is retired. Use 'clicked' instead.",
      NOT_BREAKING,
    ],
    [
      'a deprecation together with another description',
      active,
      { ...deprecated, description: 'Old.' },
      ['deprecated', 'described'],
      "The event type 'pressed' is deprecated. Use 'clicked' instead. Planned retirement: 2027-03-31.",
      NOT_BREAKING,
    ],
  ];
  for (const [name, before, after, kinds, detail, breaking] of cases) {
    it(`is reported: ${name}`, () => {
      const changes = registryValueChange('event_types', before, after);
      assert.deepEqual(
        changes.map(({ kind, subject }) => [kind, subject]),
        kinds.map((kind) => [kind, 'event_types.pressed']),
      );
      assert.equal(changes[0]?.detail, detail);
      assert.deepEqual(breakingOf(changes), breaking);
    });
  }

  it('is empty if the value is unchanged', () => {
    assert.deepEqual(registryValueChange('event_types', retired, { ...retired }), []);
  });

  it('names a registry in the singular', () => {
    const [change] = registryValueChange('annotation_categories', null, registryValue('praise'));
    assert.equal(change?.detail, "Requests may now send the annotation category 'praise'.");
  });
});

describe('the registry values of two revisions', () => {
  const histories = Array.from({ length: 20 }, (_, seed) => history(randomNumbers(seed)));
  const spans = histories.flatMap((revisions) =>
    revisions.flatMap((from, i) => revisions.map((to, j) => ({ revisions, i, j, from, to }))),
  );
  const forward = spans.filter(({ i, j }) => i <= j);

  it('are compared from the first to the second', () => {
    for (const { from, to } of forward) {
      assert.deepEqual(applied(statesOf(from), difference(from, to)), statesOf(to));
    }
  });

  it('give the result of the single changes between them', () => {
    for (const { revisions, i, j, from, to } of forward) {
      const steps = revisions
        .slice(i, j)
        .flatMap((each, step) => difference(each, revisions[i + step + 1] as RegistryValues));
      assert.deepEqual(applied(statesOf(from), difference(from, to)), applied(statesOf(from), steps));
      const reported = new Set(steps.map(({ subject }) => subject));
      for (const { subject } of difference(from, to)) assert.ok(reported.has(subject), subject);
    }
  });

  it('give one state per value', () => {
    for (const { from, to } of spans) {
      const reported = difference(from, to).filter(({ kind }) => kind !== 'described');
      assert.equal(new Set(reported.map(({ subject }) => subject)).size, reported.length);
    }
  });

  it('break requests, in either order, exactly where an accepted value is no longer accepted', () => {
    for (const { from, to } of spans) {
      const lost = [...usable(from)].some((name) => !usable(to).has(name));
      assert.deepEqual(breakingOf(difference(from, to)), { requests: lost, responses: false, generated_code: false });
    }
  });

  it('have no changes exactly if the values are the same, in any order', () => {
    for (const { from, to } of spans) {
      const same = JSON.stringify(sorted(from)) === JSON.stringify(sorted(to));
      assert.equal(difference(from, to).length === 0, same);
    }
  });

  it('do not depend on the revision number', () => {
    assert.deepEqual(diffDocuments(liveDocument(authored, {}, 1), liveDocument(authored, {}, 2)), []);
  });
});

function difference(from: RegistryValues, to: RegistryValues): Change[] {
  return diffDocuments(liveDocument(SMALL, from, 1), liveDocument(SMALL, to, 2));
}

/** The registry schemas only: the rest of the contract is the same in every revision here. */
const SMALL: Document = {
  ...authored,
  paths: {},
  webhooks: {},
  components: {
    ...{ parameters: {}, responses: {}, headers: {} },
    schemas: Object.fromEntries(
      Object.entries(authored.components.schemas).filter(([, schema]) => schema['x-ihf-registry']),
    ),
  },
};

/** The revisions of a made-up registry history, from an empty one on. */
function history(random: () => number): RegistryValues[] {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const revisions: RegistryValues[] = [{ event_types: [], widget_types: [] }];
  for (let step = 0; step < 12; step++) {
    const next = structuredClone(revisions.at(-1) as RegistryValues);
    const list = next[pick(['event_types', 'widget_types'])] as RegistryValue[];
    const chosen = list.length > 0 && random() < 0.7 ? pick(list) : undefined;
    if (!chosen)
      list.unshift(registryValue(`value_${step}`, { status: pick(['active', 'active', 'deprecated', 'retired']) }));
    else if (random() < 0.3) chosen.label = pick(['One', 'Two']);
    else {
      chosen.status = chosen.status === 'active' ? pick(['deprecated', 'retired']) : pick([chosen.status, 'retired']);
      chosen.replaced_by = pick([null, 'another']);
    }
    revisions.push(next);
  }
  return revisions;
}

type States = Record<string, RegistryValueStatus>;

function statesOf(values: RegistryValues): States {
  const entries = Object.entries(values).flatMap(([registry, list]) =>
    list.map(({ name, status }) => [`${registry}.${name}`, status] as const),
  );
  return Object.fromEntries(entries);
}

function applied(states: States, changes: Change[]): States {
  const next = { ...states };
  for (const { kind, subject } of changes) {
    if (kind === 'added') next[subject] = 'active';
    if (kind === 'deprecated' || kind === 'retired') next[subject] = kind;
  }
  return next;
}

function usable(values: RegistryValues): Set<string> {
  return new Set(
    Object.entries(values).flatMap(([registry, list]) =>
      list.filter(isAccepted).map(({ name }) => `${registry}.${name}`),
    ),
  );
}

function sorted(values: RegistryValues): unknown {
  return Object.values(values).map((list) => [...list].sort((a, b) => (a.name < b.name ? -1 : 1)));
}
