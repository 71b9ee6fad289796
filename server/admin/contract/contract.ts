import { changesBetween, changesOf } from '../../contract/changes.ts';
import { findRevision, listRevisions, type Revision } from '../../store/contract/revisions.ts';
import { moment } from '../core/format.ts';
import { found, notFound } from '../core/lookups.ts';
import type { OperatorPage } from '../core/page.ts';
import { nextPageUrl } from '../core/pagination.ts';
import { changesView } from './changes-view.ts';
import { installView } from './install-commands.ts';

const PAGE_SIZE = 30;

export const contractPage: OperatorPage = async ({ query }, context) => {
  await context.contract.catchUp();
  const { revision } = context.contract.current;
  const page = await listRevisions(context.database, { limit: PAGE_SIZE, cursor: query.get('cursor') ?? undefined });
  const view = {
    ...(await installView(context, revision)),
    revisions: page.data.map(revisionView),
    older: nextPageUrl('/admin/contract', {}, page.next_cursor),
    from: Math.max(1, revision - 1),
    current: revision,
  };
  return { page: 'contract/contract', title: 'Contract', view };
};

export const revisionPage: OperatorPage = async ({ params }, context) => {
  const number = revisionNumber(params.revision);
  const revision = found(await findRevision(context.database, number), 'revision');
  const view = {
    ...(await installView(context, number)),
    ...revisionView(revision),
    number,
    downloads: `/api/v2/contract/revisions/${number}`,
  };
  return { page: 'contract/revision', title: `Contract revision ${number}`, view };
};

export const comparePage: OperatorPage = async ({ query }, { contract, database }) => {
  const [from, to] = [revisionNumber(query.get('from')), revisionNumber(query.get('to'))];
  const changes = await changesBetween(database, contract.renderer, from, to);
  const view = { ...changesView(changes), from, to };
  return { page: 'contract/compare', title: `Changes from revision ${from} to ${to}`, view };
};

/** The changes of a revision that a list shows before it is expanded. */
const FIRST_CHANGES = 6;

export function revisionView(revision: Revision) {
  const { changes, impact } = changesView(changesOf(revision));
  return {
    number: revision.revision,
    at: moment(revision.committed_at),
    by: revision.committed_by,
    ...{ changes, impact, first: changes.slice(0, FIRST_CHANGES), rest: changes.slice(FIRST_CHANGES) },
  };
}

function revisionNumber(text: string | null | undefined): number {
  if (!/^\d{1,9}$/.test(text ?? '')) throw notFound('revision');
  return Number(text);
}
