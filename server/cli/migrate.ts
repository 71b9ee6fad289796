import { MIGRATIONS } from '../project-files.ts';
import { migrate as applyMigrations } from '../store/database/migrate.ts';
import type { CliCommand } from './command.ts';

const up: CliCommand = {
  summary: 'bring the database up to date',
  arguments: [],
  options: {},
  async run(_, { databaseUrl }) {
    const applied = await applyMigrations(databaseUrl, MIGRATIONS);
    return { json: { applied }, text: applied.length > 0 ? `applied: ${applied.join(', ')}` : 'up to date' };
  },
};

export const migrate = { up };
