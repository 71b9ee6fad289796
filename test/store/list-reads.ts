import assert from 'node:assert/strict';
import type pg from 'pg';
import type { Db } from '../../server/store/database/database.ts';
import { maintainPartitions } from '../../server/store/database/partitions.ts';
import { listAnnotations } from '../../server/store/interactions/annotations.ts';
import { listInteractionEvents } from '../../server/store/interactions/interaction-events.ts';
import { listWidgets } from '../../server/store/interactions/widgets.ts';
import { listAttempts } from '../../server/store/webhooks/attempts.ts';
import { listSubscriptions } from '../../server/store/webhooks/subscriptions.ts';
import { newCaller } from '../support/access.ts';
import { waitFor } from '../support/wait.ts';

/** A page of the largest size, and the row that shows whether there is another. */
const PAGE = 201;
/** Pages of an 8 kB block that finding one row by an index may read: the index has at most four levels. */
const BLOCKS_PER_ROW = 5;

interface PlanNode {
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: PlanNode[];
}

/** Runs each statement under EXPLAIN ANALYZE instead, and adds up what it reads. */
function explaining(database: Db) {
  const read = { rows: 0, blocks: 0, scans: 0 };
  const visit = (node: PlanNode): void => {
    if (node['Relation Name'] && node['Actual Loops'] > 0) {
      const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
      read.rows += (node['Actual Rows'] + removed) * node['Actual Loops'];
      read.scans += node['Actual Loops'];
    }
    for (const child of node.Plans ?? []) visit(child);
  };
  const query = async (text: string, values: readonly unknown[] = []) => {
    const [row] = await database.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `explain (analyze, buffers, timing off, format json) ${text}`,
      values,
    );
    const plan = row?.['QUERY PLAN'][0].Plan as PlanNode;
    visit(plan);
    read.blocks += plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
    return [];
  };
  return { db: { query } as unknown as Db, read };
}

/** All combinations of the filters: each has one of its values or is not given. */
function combinations<T extends object>(values: { [Key in keyof T]: readonly T[Key][] }): Partial<T>[] {
  let found: Partial<T>[] = [{}];
  for (const [key, choices] of Object.entries(values) as [keyof T, readonly T[keyof T][]][]) {
    found = found.flatMap((one) => [one, ...choices.map((value) => ({ ...one, [key]: value }))]);
  }
  return found;
}

/**
 * Fills one hub with events, annotations, widgets, subscriptions and attempts, and asserts that every list with every
 * combination of filters reads no more rows than a page has, whether it finds none or many.
 */
export async function assertListsReadOnePage(database: Db, client: pg.Client, events: number): Promise<void> {
  const { hubId } = await newCaller(database);
  const id = async (text: string, values: unknown[] = []): Promise<string> =>
    (await client.query(text, values)).rows[0].id;
  const widget = (key: string) =>
    id(`insert into widgets (hub_id, key, widget_type, name) values ($1, $2, 'button', 'Buy') returning id`, [
      hubId,
      key,
    ]);
  const [busy, other, unused] = [await widget('busy'), await widget('other'), await widget('unused')];
  const many = Math.round(events / 4);
  await client.query('set synchronous_commit = off');
  await client.query(
    `insert into widgets (hub_id, key, widget_type, name)
     select $1, 'widget-' || number, 'button', 'Buy' from generate_series(1, $2::integer) as number`,
    [hubId, many],
  );
  // Half of the events have one widget and one type, the other half another of both: no event has the one and the other.
  await client.query(
    `insert into interaction_events (hub_id, id, widget_id, event_type, occurred_at)
     select $1, ihf_uuidv7_at(now() - number * interval '3 seconds'),
       case when number % 2 = 0 then $2 else $3 end::uuid, case when number % 2 = 0 then 'clicked' else 'viewed' end, now()
     from generate_series(1, $4::integer) as number`,
    [hubId, busy, other, events],
  );
  await waitFor(() => maintainPartitions(database, 'interaction_events', null), 'partitions for the events');
  const event = await id('select id from interaction_events where widget_id = $1 order by id limit 1', [busy]);
  await client.query(
    `insert into annotations (hub_id, widget_id, event_id, category, body, status, resolved_at)
     select $1, case when number % 3 = 0 then $2 else $3 end::uuid, case when number % 3 = 0 then $4 end::uuid,
       case when number % 3 = 0 then 'bug' else 'question' end, 'It failed.', 'open', null
     from generate_series(1, $5::integer) as number`,
    [hubId, busy, other, event, many],
  );
  const subscription = (status: string) =>
    id(
      `insert into webhook_subscriptions (hub_id, url, topics, keys, status, status_reason)
       values ($1, 'https://example.com', '{widget.registered}', '', $2, case when $2 = 'deleted' then 'owner' end)
       returning id`,
      [hubId, status],
    );
  const [succeeding, failing] = [await subscription('active'), await subscription('active')];
  await client.query(
    `insert into webhook_subscriptions (hub_id, url, topics, keys, status, status_reason)
     select $1, 'https://example.com', '{widget.registered}', '', 'deleted', 'owner' from generate_series(1, 2000)`,
    [hubId],
  );
  await client.query(
    `insert into webhook_attempts (hub_id, subscription_id, message_id, attempt, duration_ms, succeeded, error, response)
     select $1, subscription, ihf_uuidv7(), 1, 1, subscription = $2, case when subscription = $3 then 'It failed.' end, ''
     from generate_series(1, $4::integer) cross join unnest(array[$2, $3]::uuid[]) as subscription`,
    [hubId, succeeding, failing, many],
  );
  await client.query('analyze');

  const middle = async (table: string) =>
    id(`select id from ${table} where hub_id = $1 order by id offset $2 limit 1`, [hubId, Math.round(many / 2)]);
  const cursor = async (table: string) => Buffer.from(`${table}:${await middle(table)}`).toString('base64url');
  const absent = '01900000-0000-7000-8000-000000000000';
  const times = {
    since: ['2020-01-01T00:00:00Z', '2100-01-01T00:00:00Z'],
    until: ['2100-01-01T00:00:00Z', '2020-01-01T00:00:00Z'],
  };
  const lists: [name: string, filters: object[], list: (db: Db, filters: never) => Promise<unknown>][] = [
    [
      'events',
      combinations({
        widget_id: [busy, unused],
        event_type: ['clicked', 'viewed', 'hovered'],
        cursor: [await cursor('interaction_events')],
      }),
      (db, filters) => listInteractionEvents(db, hubId, filters),
    ],
    [
      'widgets',
      combinations({
        widget_type: ['button', 'form'],
        key: ['busy', 'absent'],
        cursor: [await cursor('widgets')],
      }),
      (db, filters) => listWidgets(db, hubId, filters),
    ],
    [
      'annotations',
      combinations({
        widget_id: [busy, other],
        event_id: [event, absent],
        category: ['bug', 'question', 'praise'],
        status: ['open', 'resolved'],
        cursor: [await cursor('annotations')],
      }),
      (db, filters) => listAnnotations(db, hubId, filters),
    ],
    ...[succeeding, failing].map((subscriptionId): (typeof lists)[number] => [
      'attempts',
      combinations({ message_id: [absent], succeeded: [true, false] }),
      (db, filters) => listAttempts(db, hubId, subscriptionId, filters),
    ]),
    ['subscriptions', [{}], (db, filters) => listSubscriptions(db, hubId, filters)],
  ];
  for (const [name, all, list] of lists) {
    const timed = /events|widgets|annotations/.test(name) ? combinations(times) : [];
    for (const filters of [...all, ...timed]) {
      const { db, read } = explaining(database);
      await list(db, { ...filters, limit: PAGE - 1 } as never);
      const described = `${name} ${JSON.stringify(filters)}: ${JSON.stringify(read)}`;
      // A list without a filter on a column with two values reads a page of each; a partition without a match reads nothing.
      assert.ok(read.rows <= 2 * PAGE, described);
      assert.ok(read.blocks <= BLOCKS_PER_ROW * (read.rows + read.scans), described);
    }
  }
}
