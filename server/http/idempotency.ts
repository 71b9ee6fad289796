import { createHash } from 'node:crypto';
import { IhfError, invalidRequest } from '../errors.ts';
import type { Admission } from '../store/access/admissions.ts';
import type { Database, Db } from '../store/database/database.ts';
import { findStoredResponse, lockKey, storeResponse } from '../store/interactions/idempotency-keys.ts';
import type { ApiRequest, ApiResponse } from './request.ts';

/**
 * Answers a creation that carries an Idempotency-Key (IETF draft-ietf-httpapi-idempotency-key-header): its effect and
 * its stored answer commit together, so that a repetition gives the one if and only if the other happened.
 *
 * @throws IhfError idempotency_in_flight while another request has the key; idempotency_key_reused if it came with
 *   another request before.
 */
export function withIdempotency(
  database: Database,
  exchange: ApiRequest,
  key: string,
  handle: (db: Db) => Promise<ApiResponse>,
): Promise<ApiResponse> {
  const fingerprint = fingerprintOf(exchange);
  // Every operation that takes a key needs a caller: the keys are his own.
  const consumerId = (exchange.caller as Admission).identity.consumer_id;
  return database.transaction(async (db) => {
    if (!(await lockKey(db, consumerId, key))) {
      throw new IhfError('idempotency_in_flight', `The request with Idempotency-Key '${key}' is not answered yet.`, {
        headers: { 'Retry-After': '1' },
      });
    }
    const stored = await findStoredResponse(db, consumerId, key);
    if (stored) {
      if (!stored.fingerprint.equals(fingerprint)) {
        const remedy = 'Repeat that request unchanged, or choose a new key.';
        throw new IhfError('idempotency_key_reused', `The key '${key}' came with another request before. ${remedy}`);
      }
      const headers = { ...stored.headers, 'Idempotency-Replayed': 'true' };
      return { status: stored.status, headers, body: JSON.parse(stored.body) };
    }
    const answer = await handle(db);
    await storeResponse(db, consumerId, key, {
      fingerprint,
      status: answer.status,
      headers: answer.headers ?? {},
      body: JSON.stringify(answer.body),
    });
    return answer;
  });
}

/**
 * The key of a request: a structured-field string (RFC 9651, section 3.3.3), or the bare text that most clients send.
 * @throws IhfError invalid_request if it is neither.
 */
export function idempotencyKeyOf(exchange: ApiRequest): string | undefined {
  const sent = exchange.headers['idempotency-key'];
  if (!exchange.operation.idempotent || sent === undefined) return undefined;
  const text = String(sent);
  const quoted = /^"((?:[ !#-[\]-~]|\\["\\])+)"$/.exec(text)?.[1];
  const key = quoted?.replace(/\\(["\\])/g, '$1') ?? (/^[!#-~]+$/.test(text) ? text : undefined);
  if (key !== undefined) return key;
  const detail =
    'The key may hold visible ASCII characters, with or without quotes around it. Send a UUID, for example.';
  throw invalidRequest([{ parameter: 'Idempotency-Key', code: 'format', detail }]);
}

function fingerprintOf({ method, path, body }: ApiRequest): Buffer {
  return createHash('sha256')
    .update(`${method} ${path}\n${JSON.stringify(body)}`)
    .digest();
}
