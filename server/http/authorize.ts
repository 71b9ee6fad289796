import { IhfError } from '../errors.ts';
import { scopeDenialReason } from '../store/access/identities.ts';
import { contextOf, requiredContext } from './request-context.ts';
import type { Step } from './step.ts';

/** Rejects a caller without the scopes of the operation (RFC 6750, section 3.1). */
export function authorize(): Step {
  return (_request, response, next) => {
    const { operation } = requiredContext(response, 'route');
    const { caller, installationKey } = contextOf(response);
    if (caller) {
      for (const scope of operation.scopes ?? []) {
        const reason = scopeDenialReason(caller.identity, scope);
        if (reason) throw insufficientScope(scope, reason);
      }
    }
    if (installationKey) {
      for (const scope of operation.scopes ?? []) {
        if (!installationKey.scopes.some((granted) => granted === scope)) {
          throw insufficientScope(scope, 'it was not granted to this credential');
        }
      }
    }
    next();
  };
}

function insufficientScope(scope: string, reason: string): IhfError {
  return new IhfError('insufficient_scope', `Missing scope ${scope}: ${reason}.`, {
    headers: { 'WWW-Authenticate': `Bearer realm="ihf", error="insufficient_scope", scope="${scope}"` },
  });
}
