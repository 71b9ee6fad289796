import { createHash } from 'node:crypto';
import { IhfError, invalidRequest } from '../../errors.ts';
import type { Database, Db } from '../../store/database/database.ts';
import { findStoredResponse, lockKey, storeResponse } from '../../store/interactions/idempotency-keys.ts';
import type { ApiRequest, ApiResponse } from '../request.ts';

/**
 * Runs a creation with an Idempotency-Key (IETF draft-ietf-httpapi-idempotency-key-header). Its effect and its stored
 * response commit together, so that a repeated request gets the stored response if and only if the effect happened.
 *
 * @throws IhfError idempotency_in_flight while another request holds the key; idempotency_key_reused if the key was
 *   used with a different request.
 */
export function withIdempotency(
  database: Database,
  request: ApiRequest,
  key: string,
  handle: (db: Db) => Promise<ApiResponse>,
): Promise<ApiResponse> {
  const fingerprint = fingerprintOf(request);
  const { caller, operationId } = request;
  if (!caller) throw new Error(`Operation ${operationId} is public, but idempotency keys belong to a consumer`);
  const { hub_id: hubId, consumer_id: consumerId } = caller.identity;
  return database.transaction(async (db) => {
    if (!(await lockKey(db, hubId, consumerId, key))) {
      const detail = `A request with Idempotency-Key '${key}' is still in progress. Retry in 1 s.`;
      throw new IhfError('idempotency_in_flight', detail, { headers: { 'Retry-After': '1' } });
    }
    const stored = await findStoredResponse(db, hubId, consumerId, key);
    if (stored) {
      if (!stored.fingerprint.equals(fingerprint)) {
        const remedy = 'Repeat that request unchanged, or use a new key.';
        throw new IhfError('idempotency_key_reused', `Idempotency-Key '${key}' belongs to another request. ${remedy}`);
      }
      const headers = { ...stored.headers, 'Idempotency-Replayed': 'true' };
      return { status: stored.status, headers, body: JSON.parse(stored.body) };
    }
    const response = await handle(db);
    await storeResponse(db, hubId, consumerId, key, {
      fingerprint,
      status: response.status,
      headers: response.headers ?? {},
      body: JSON.stringify(response.body),
    });
    return response;
  });
}

/**
 * The key of a request: a structured-field string (RFC 9651, section 3.3.3), or the bare text that most clients send.
 * @throws IhfError invalid_request if it is neither.
 */
export function idempotencyKeyOf(request: ApiRequest): string | undefined {
  const sent = request.headers['idempotency-key'];
  if (!request.operation.idempotent || sent === undefined) return undefined;
  const text = String(sent);
  const quoted = /^"((?:[ !#-[\]-~]|\\["\\])+)"$/.exec(text)?.[1];
  const key = quoted?.replace(/\\(["\\])/g, '$1') ?? (/^[!#-~]+$/.test(text) ? text : undefined);
  if (key !== undefined) return key;
  const detail =
    'Idempotency-Key must be visible ASCII characters, optionally in double quotes. Send a UUID, for example.';
  throw invalidRequest([{ parameter: 'Idempotency-Key', code: 'format', detail }]);
}

function fingerprintOf({ method, path, body }: ApiRequest): Buffer {
  return createHash('sha256')
    .update(`${method} ${path}\n${JSON.stringify(body)}`)
    .digest();
}
