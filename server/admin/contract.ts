import { versionOf, wheelName } from '../../codegen/sdk/render.ts';
import { changesBetween, changesOf } from '../contract/changes.ts';
import { findRevision, listRevisions, type Revision } from '../store/contract/revisions.ts';
import { changesView } from './changes-view.ts';
import { moment } from './format.ts';
import { type AdminContext, found, missing, type OperatorPage, type PublicPage } from './page.ts';

const SHOWN = 30;

export const contractPage: OperatorPage = async ({ query }, desk) => {
  await desk.contract.catchUp();
  const { revision } = desk.contract.current;
  const page = await listRevisions(desk.database, { limit: SHOWN, cursor: query.get('cursor') ?? undefined });
  const view = {
    ...addressesOf(desk),
    revisions: page.data.map(revisionView),
    wheel: wheelAt(desk, revision),
    older: page.next_cursor && `/admin/contract?cursor=${page.next_cursor}`,
    from: Math.max(1, revision - 1),
    current: revision,
  };
  return { page: 'contract', title: 'Contract', view };
};

export const revisionPage: OperatorPage = async ({ params }, desk) => {
  const number = numberOf(params.revision);
  const revision = found(await findRevision(desk.database, number), 'revision');
  const view = { ...addressesOf(desk), ...revisionView(revision), number, wheel: wheelAt(desk, number) };
  return { page: 'revision', title: `Contract revision ${number}`, view };
};

export const comparePage: OperatorPage = async ({ query }, { contract, database }) => {
  const [from, to] = [numberOf(query.get('from')), numberOf(query.get('to'))];
  const changes = await changesBetween(database, contract.renderer, from, to);
  const view = { ...changesView(changes), from, to };
  return { page: 'compare', title: `From revision ${from} to ${to}`, view };
};

/** What an integrator wants to know first. */
export const landingPage: PublicPage = async (_, desk) => {
  const { data } = await listRevisions(desk.database, { limit: 8 });
  const view = { ...addressesOf(desk), revisions: data.map(revisionView) };
  return { page: 'landing', title: 'Interaction Hub', view };
};

function addressesOf({ publicUrl }: AdminContext) {
  const url = publicUrl();
  return { url, api: `${url}/api/v2` };
}

/** The file name of a wheel tells its revision. */
function wheelAt({ contract }: AdminContext, revision: number): string {
  return wheelName({ version: versionOf(contract.authored, revision) });
}

/** As many changes of a revision as are read at a glance. */
const GLANCE = 6;

function revisionView(revision: Revision) {
  const { changes, verdict } = changesView(changesOf(revision));
  return {
    number: revision.revision,
    at: moment(revision.committed_at),
    by: revision.committed_by,
    ...{ changes, verdict, first: changes.slice(0, GLANCE), rest: changes.slice(GLANCE) },
  };
}

function numberOf(text: string | null | undefined): number {
  if (!/^\d{1,9}$/.test(text ?? '')) throw missing('revision');
  return Number(text);
}
