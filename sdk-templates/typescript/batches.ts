// Only the text between the two region lines becomes part of the rendered client.
import type { Problem } from './contract.ts';
import { ContentTooLargeError } from './contract-errors.ts';
import { IhfError, nameError } from './errors.ts';
import type { IdempotentCallOptions } from './options.ts';

//#region rendered
interface BatchResult {
  accepted: number;
  rejected: number;
  results: Array<{ index: number; status: number; problem?: Problem | undefined }>;
}

/**
 * A batch call was cut short: a request or the iterator of the items failed, or the call was aborted, and the following items
 * were not sent. `cause` is the error.
 */
export class IhfBatchError extends IhfError {
  static {
    nameError(IhfBatchError, 'IhfBatchError');
  }
  declare readonly name: 'IhfBatchError';
  /** Results of the items of the previous requests, in input order. */
  readonly results: BatchResult['results'];
  /** Index of the first item without a result. The items of the failed request may have been recorded. */
  readonly index: number;

  constructor(index: number, results: BatchResult['results'], cause: unknown) {
    super(`items from index ${index} on were not confirmed: ${Object(cause).message ?? cause}`);
    Object.assign(this, { cause });
    this.index = index;
    this.results = results;
  }
}

/** Sends items in requests of at most `maxItems`. A request that is too large (413) is split in half and sent again. */
async function sendBatches<Item, Result extends BatchResult>(
  items: Iterable<Item> | AsyncIterable<Item>,
  maxItems: number,
  options: IdempotentCallOptions = {},
  send: (items: Item[], options: IdempotentCallOptions) => Promise<Result>,
): Promise<Result> {
  const total: BatchResult = { accepted: 0, rejected: 0, results: [] };
  const add = ({ accepted, rejected, results }: BatchResult, start: number): void => {
    total.accepted += accepted;
    total.rejected += rejected;
    for (const result of results) total.results.push({ ...result, index: start + result.index });
  };
  const sendPart = async (part: Item[], start: number): Promise<void> => {
    const { length } = part;
    try {
      const key = options.idempotencyKey && (await partKey(options.idempotencyKey, `-${start}-${length}`));
      add(await send(part, { ...options, idempotencyKey: key }), start);
    } catch (error) {
      if (!(error instanceof ContentTooLargeError)) throw new IhfBatchError(start, total.results, error);
      const { status, problem } = error;
      if (length === 1) return add({ accepted: 0, rejected: 1, results: [{ index: 0, status, problem }] }, start);
      const half = length >> 1;
      await sendPart(part.slice(0, half), start);
      await sendPart(part.slice(half), start + half);
    }
  };
  let start = 0;
  let part: Item[] = [];
  try {
    for await (const item of items) {
      if (part.push(item) < maxItems) continue;
      await sendPart(part, start);
      start += maxItems;
      part = [];
    }
  } catch (error) {
    throw error instanceof IhfBatchError ? error : new IhfBatchError(total.results.length, total.results, error);
  }
  if (part.length > 0) await sendPart(part, start);
  return total as Result;
}

/** The idempotency key of a request: that of the call with a suffix. A key has at most 255 characters. */
async function partKey(key: string, suffix: string): Promise<string> {
  if (key.length + suffix.length <= 255) return key + suffix;
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('') + suffix;
}

//#endregion

export { type BatchResult, sendBatches };
