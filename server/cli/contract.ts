import { breakingOf, diffDocuments } from '../../codegen/diff.ts';
import type { Document } from '../../codegen/document.ts';
import { changesOf } from '../contract/changes.ts';
import { Renderer } from '../contract/renderer.ts';
import { HubError } from '../errors.ts';
import { readTemplates } from '../sources.ts';
import { listRevisions, readHead } from '../store/revisions.ts';
import { type CliCommand, type CliContext, type CliInput, table, UsageError } from './command.ts';

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
  async run(input, context) {
    const changes = diffDocuments(await documentAt(input, 'from', context), await documentAt(input, 'to', context));
    const breaking = breakingOf(changes);
    const rows = changes.map(({ kind, subject, detail, breaking }) => ({
      kind,
      subject,
      breaks: [breaking.requests && 'requests', breaking.responses && 'responses'].filter(Boolean).join(', '),
      detail,
    }));
    return { json: { from: Number(input.from), to: Number(input.to), breaking, changes }, text: table(rows) };
  },
};

export const contract = { revisions, diff };

async function documentAt(input: CliInput, name: string, { database }: CliContext): Promise<Document> {
  const text = input[name] ?? '';
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${name} is '${text}'. It is the number of a contract revision.`);
  const document = await new Renderer(database, await readTemplates()).document(Number(text));
  if (document) return document;
  const { revision } = await readHead(database);
  throw new HubError('not_found', `There is no contract revision ${text}. The current one is ${revision}.`);
}
