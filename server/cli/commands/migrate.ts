import { defineCommand } from '../command.ts';

export const migrate = defineCommand({
  summary: 'Apply pending migrations to the database',
  arguments: {},
  options: {},
  examples: ['migrate'],
  async run(_, session) {
    const applied = await session.migrate();
    const text = applied.length > 0 ? `Applied ${applied.join(', ')}.` : 'The database is up to date.';
    return { json: { applied }, text };
  },
});
