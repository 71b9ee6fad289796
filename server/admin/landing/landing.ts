import { listRevisions } from '../../store/contract/revisions.ts';
import { revisionView } from '../contract/contract.ts';
import { installView } from '../contract/install-commands.ts';
import type { PublicPage } from '../core/page.ts';

const REVISIONS_SHOWN = 8;

/** The public start page, for developers of consumers. */
export const landingPage: PublicPage = async (_, context) => {
  const { data } = await listRevisions(context.database, { limit: REVISIONS_SHOWN });
  await context.contract.catchUp();
  const install = await installView(context, context.contract.current.revision);
  const view = { ...install, url: context.publicUrl, revisions: data.map(revisionView) };
  return { page: 'landing/landing', title: 'Start', view };
};
