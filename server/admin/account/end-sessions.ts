import { recordAudit } from '../../store/operators/audit-log.ts';
import { endSessionsOf } from '../../store/operators/sessions.ts';
import { idParam } from '../core/lookups.ts';
import { actorOf, asOperator } from '../core/operator.ts';
import type { AdminContext, OperatorPage, OperatorPageRequest } from '../core/page.ts';

/** Ends one session of the operator. One that has ended already is no error: the list shows the result. */
export const endOneSession: OperatorPage = async (request, context) => {
  await endSessions(request, context, idParam(request));
  return { redirect: '/admin/account?done=session-ended' };
};

export const signOutEverywhere: OperatorPage = async (request, context) => {
  await endSessions(request, context);
  return { redirect: '/admin/sign-in', cookie: '' };
};

function endSessions(request: OperatorPageRequest, context: AdminContext, id?: string): Promise<void> {
  const { operator_id } = request.operator;
  return asOperator(request, context, async (db) => {
    const ended = await endSessionsOf(db, operator_id, id);
    if (ended.length === 0) return;
    const subject = { subject_type: 'operators', subject: operator_id };
    const after = { ended_sessions: ended.length };
    await recordAudit(db, { actor: actorOf(request), action: 'signed_out', ...subject, after });
  });
}
