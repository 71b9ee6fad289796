import type { Authenticator } from '../batching/authenticator.ts';
import type { KeyUsageBuffer } from '../batching/key-usage-buffer.ts';
import { credentialKind, hashCredential } from '../credentials.ts';
import type { IhfError } from '../errors.ts';
import type { Admission, PresentedCredential } from '../store/access/admissions.ts';
import { findIdentity } from '../store/access/identities.ts';
import type { Db } from '../store/database/database.ts';
import { bearerCredential, invalidToken, missingCredential } from './authenticate/challenges.ts';
import { findInstallationCaller } from './authenticate/installation-key.ts';
import { contextOf, requiredContext } from './request-context.ts';
import type { Step } from './step.ts';

/** A body that took longer to arrive may have outlasted its credential. */
const CHECKED_AGAIN_AFTER_MS = 1_000;

const NAMES = { key: 'API key', token: 'access token' } as const;

export interface AuthenticationServices {
  authenticator: Authenticator;
  keyUsage: KeyUsageBuffer;
  database: Db;
}

/** Finds the caller, and rejects a missing, unknown or inactive credential. */
export function authenticate(services: AuthenticationServices): Step {
  return async (request, response, next) => {
    const { operation } = requiredContext(response, 'route');
    contextOf(response).authenticatedAt = performance.now();
    if (operation.installation) {
      contextOf(response).installationKey = await findInstallationCaller(
        services.database,
        request.headers.authorization,
      );
      return next();
    }
    const caller = await findCaller(services.authenticator, operation.scopes, request.headers.authorization);
    // Set before an inactive credential is rejected, so that the request log names its consumer.
    contextOf(response).caller = caller;
    if (caller) rejectInactiveCredential(caller);
    if (caller?.identity.credential === 'key') {
      services.keyUsage.note(caller.identity, request.headers['ihf-sdk'] as string | undefined);
    }
    next();
  };
}

/**
 * Checks the credential of a request again, without counting the request again, if its body arrived late: a client could
 * otherwise open requests before a revocation and complete them afterwards.
 */
export function authenticateAgain({ database }: Pick<AuthenticationServices, 'database'>): Step {
  return async (request, response, next) => {
    const context = contextOf(response);
    const { caller } = context;
    if (performance.now() - requiredContext(response, 'authenticatedAt') < CHECKED_AGAIN_AFTER_MS) return next();
    const { authorization } = request.headers;
    if (context.installationKey) context.installationKey = await findInstallationCaller(database, authorization);
    if (caller) {
      const presented = presentedCredential(authorization);
      const identity = await findIdentity(database, presented);
      if (!identity) throw unknownCredential(presented);
      context.caller = { ...caller, identity };
      rejectInactiveCredential(context.caller);
    }
    next();
  };
}

/**
 * The caller behind the API key or access token of the Authorization header (RFC 6750, section 2.1). The same
 * statement counts the request against the caller's limits.
 *
 * @param scopes the scopes of the operation; undefined for a public operation, which has no caller.
 * @throws IhfError unauthenticated for a missing or unknown credential, unavailable if the database is.
 */
async function findCaller(
  authenticator: Authenticator,
  scopes: readonly string[] | undefined,
  authorization: string | undefined,
): Promise<Admission | undefined> {
  if (scopes === undefined) return undefined;
  const presented = presentedCredential(authorization);
  const admission = await authenticator.admit(presented);
  if (!admission) throw unknownCredential(presented);
  return admission;
}

/** @throws IhfError unauthenticated for a missing credential, or one that this server cannot have issued. */
function presentedCredential(authorization: string | undefined): PresentedCredential {
  if (authorization === undefined) {
    const remedy = 'Send an API key or access token: Authorization: Bearer ihf_live_….';
    throw missingCredential(remedy);
  }
  const credential = bearerCredential(authorization);
  const kind = credentialKind(credential);
  // The checksum reveals a mistyped credential without a query.
  if (kind !== 'key' && kind !== 'token') {
    throw invalidToken('Authorization must be Bearer and a well-formed API key or access token. Check it for typos.');
  }
  return { kind, hash: hashCredential(credential) };
}

function unknownCredential({ kind }: PresentedCredential): IhfError {
  return invalidToken(`Unknown ${NAMES[kind]}. Check that this server issued it.`);
}

/** @throws IhfError unauthenticated if the caller's credential is not active. */
function rejectInactiveCredential({ identity: { credential, invalid_reason: reason } }: Admission): void {
  if (reason === null) return;
  if (reason === 'disabled') throw invalidToken('The consumer is disabled. Ask the operator to enable it.');
  const state = reason === 'expired' ? 'has expired' : `is ${reason}`;
  const remedy = credential === 'key' ? 'Use an active key.' : 'Request a new one from /api/v2/token.';
  throw invalidToken(`The ${NAMES[credential]} ${state}. ${remedy}`);
}
