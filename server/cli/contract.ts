import { breakingOf } from '../../codegen/diff.ts';
import { changesBetween, changesOf } from '../contract/changes.ts';
import { Renderer } from '../contract/renderer.ts';
import { readTemplates } from '../project-files.ts';
import { listRevisions } from '../store/contract/revisions.ts';
import { type CliCommand, type CliInput, table, UsageError } from './command.ts';

const SHOWN = 50;

const revisions: CliCommand = {
  summary: `show the last ${SHOWN} contract revisions`,
  arguments: [],
  options: {},
  async run(_, { database }) {
    const { data } = await listRevisions(database, { limit: SHOWN });
    const described = data.map((revision) => ({ ...revision, changes: changesOf(revision) }));
    const rows = described.map(({ revision, committed_at, committed_by, changes }) => ({
      revision,
      committed_at,
      committed_by,
      changes: changes.length === 1 ? changes[0]?.detail : `${changes.length} changes`,
    }));
    return { json: described.map(({ word_changes: _w, document_changes: _d, ...shown }) => shown), text: table(rows) };
  },
};

const diff: CliCommand = {
  summary: 'compare two contract revisions',
  arguments: ['from', 'to'],
  options: {},
  async run(input, { database }) {
    const [from, to] = [revisionOf(input, 'from'), revisionOf(input, 'to')];
    const changes = await changesBetween(database, new Renderer(database, await readTemplates()), from, to);
    const breaking = breakingOf(changes);
    const rows = changes.map(({ kind, subject, detail, breaking }) => ({
      kind,
      subject,
      breaks: [breaking.requests && 'requests', breaking.responses && 'responses'].filter(Boolean).join(', '),
      detail,
    }));
    return { json: { from, to, breaking, changes }, text: table(rows) };
  },
};

export const contract = { revisions, diff };

function revisionOf(input: CliInput, name: string): number {
  const text = input[name] ?? '';
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${name} is '${text}'. It is the number of a contract revision.`);
  return Number(text);
}
