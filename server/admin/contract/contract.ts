import { wheelName } from '../../../codegen/sdk/render.ts';
import { changesBetween, changesOf } from '../../contract/changes.ts';
import { versionOf } from '../../contract/versions.ts';
import { findRevision, listRevisions, type Revision } from '../../store/contract/revisions.ts';
import { moment } from '../core/format.ts';
import { found, notFound } from '../core/lookups.ts';
import type { AdminContext, OperatorPage } from '../core/page.ts';
import { nextPageUrl } from '../core/pagination.ts';
import { changesView } from './changes-view.ts';

const PAGE_SIZE = 30;

export const contractPage: OperatorPage = async ({ query }, context) => {
  await context.contract.catchUp();
  const { revision } = context.contract.current;
  const page = await listRevisions(context.database, { limit: PAGE_SIZE, cursor: query.get('cursor') ?? undefined });
  const view = {
    ...apiUrls(context),
    revisions: page.data.map(revisionView),
    wheel: await wheelFile(context, revision),
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
    ...apiUrls(context),
    ...revisionView(revision),
    number,
    wheel: await wheelFile(context, number),
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

export function apiUrls({ publicUrl: url }: Pick<AdminContext, 'publicUrl'>) {
  return { url, api: `${url}/api/v2` };
}

/** The file name of a Python wheel contains its version. */
async function wheelFile({ database }: AdminContext, revision: number): Promise<string> {
  return wheelName({ version: found(await versionOf(database, revision), 'revision') });
}

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
