import { breakingOf } from '../../../codegen/diff.ts';
import { changesBetween, changesOf } from '../../contract/changes.ts';
import { Renderer } from '../../contract/renderer.ts';
import { readTemplates } from '../../project-files.ts';
import { listRevisions } from '../../store/contract/revisions.ts';
import { defineCommand, UsageError } from '../command.ts';
import { shortTime } from '../lookups.ts';
import { table } from '../table.ts';

const SHOWN = 50;

const revisions = defineCommand({
  summary: `List the latest contract revisions, at most ${SHOWN}`,
  arguments: {},
  options: {},
  examples: ['contract revisions'],
  async run(_, session) {
    const { data } = await listRevisions(await session.read(), { limit: SHOWN });
    const described = data.map((revision) => ({ ...revision, changes: changesOf(revision) }));
    const rows = described.map(({ revision, committed_at, committed_by, changes }) => ({
      revision,
      committed: shortTime(committed_at),
      author: committed_by,
      changes: changes.length === 1 ? changes[0]?.detail : `${changes.length} changes`,
    }));
    return { json: described.map(({ value_changes: _v, document_changes: _d, ...shown }) => shown), text: table(rows) };
  },
});

const diff = defineCommand({
  summary: 'Compare two contract revisions',
  arguments: { from: 'Number of the earlier revision', to: 'Number of the later revision' },
  options: {},
  examples: ['contract diff 1 2'],
  async run(input, session) {
    const [from, to] = [parseRevision(input.from, 'FROM'), parseRevision(input.to, 'TO')];
    const database = await session.read();
    const changes = await changesBetween(
      database,
      new Renderer(database, await readTemplates(), session.config().publicUrl),
      from,
      to,
    );
    const breaking = breakingOf(changes);
    const rows = changes.map(({ kind, subject, detail, breaking }) => ({
      change: kind,
      subject,
      'breaking for': [
        ...[breaking.requests && 'requests', breaking.responses && 'responses'],
        breaking.generated_code && 'generated code',
      ]
        .filter(Boolean)
        .join(', '),
      detail,
    }));
    return { json: { from, to, breaking, changes }, text: table(rows) };
  },
});

export const contract = { summary: 'Inspect contract revisions', commands: { revisions, diff } };

function parseRevision(text: string, argument: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(
    `${argument} must be the number of a contract revision (got '${text}'). Run 'ihf contract revisions' to list them.`,
  );
}
