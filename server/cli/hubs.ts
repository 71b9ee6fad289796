import { SLUG } from '../patterns.ts';
import { insertHub, listHubs } from '../store/interactions/hubs.ts';
import { type CliCommand, table, UsageError } from './command.ts';

/** More than any installation has: the command line shows them all. */
const ALL = 100_000;

const list: CliCommand = {
  summary: 'show the hubs',
  arguments: [],
  options: {},
  async run(_, { database }) {
    const { data } = await listHubs(database, { limit: ALL });
    return { json: data, text: table(data.map(({ slug, name, id, created_at }) => ({ slug, name, id, created_at }))) };
  },
};

const create: CliCommand = {
  summary: 'register an application',
  arguments: ['slug'],
  options: { name: 'its name for people', description: 'what it is' },
  async run({ slug = '', name = slug, description }, { database }) {
    if (!SLUG.test(slug)) {
      throw new UsageError(`'${slug}' is no slug. It has lower-case letters, digits and -, 63 at the most.`);
    }
    const hub = await insertHub(database, { slug, name, ...(description && { description }) });
    return { json: hub, text: `hub '${slug}': ${hub.id}` };
  },
};

export const hubs = { list, create };
