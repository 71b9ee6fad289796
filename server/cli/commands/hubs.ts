import { SLUG, SLUG_RULE } from '../../patterns.ts';
import { insertHub, listHubs } from '../../store/interactions/hubs.ts';
import { defineCommand, UsageError } from '../command.ts';
import { shortTime } from '../lookups.ts';
import { table } from '../table.ts';

/** More than any installation has: the CLI does not page. */
const ALL = 100_000;

const list = defineCommand({
  summary: 'List hubs',
  arguments: {},
  options: {},
  examples: ['hubs list'],
  async run(_, session) {
    const { data } = await listHubs(await session.read(), { limit: ALL });
    const rows = data.map(({ slug, name, id, created_at }) => ({ slug, name, id, created: shortTime(created_at) }));
    return { json: data, text: table(rows) };
  },
});

const create = defineCommand({
  summary: 'Create a hub (an application that reports events)',
  arguments: { slug: 'Unique short name: lowercase letters, digits and hyphens' },
  options: {
    name: { value: 'TEXT', description: 'Display name', otherwise: 'the slug' },
    description: { value: 'TEXT', description: 'Description', otherwise: 'none' },
  },
  examples: ['hubs create storefront --name Storefront'],
  async run({ slug, name = slug, description }, session) {
    if (!SLUG.test(slug)) throw new UsageError(`'${slug}' is not a valid slug. ${SLUG_RULE}`);
    const hub = await insertHub(await session.write(), { slug, name, ...(description && { description }) });
    return { json: hub, text: `Created hub '${slug}' with id ${hub.id}.` };
  },
});

export const hubs = { summary: 'Manage hubs (applications that report events)', commands: { list, create } };
