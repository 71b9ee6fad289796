import { listRevisions } from '../../store/contract/revisions.ts';
import { apiUrls, revisionView } from '../contract/contract.ts';
import type { PublicPage } from '../core/page.ts';

const REVISIONS_SHOWN = 8;

/** The public start page, for developers of consumers. */
export const landingPage: PublicPage = async (_, context) => {
  const { data } = await listRevisions(context.database, { limit: REVISIONS_SHOWN });
  const view = { ...apiUrls(context), revisions: data.map(revisionView) };
  return { page: 'landing/landing', title: 'Start', view };
};
