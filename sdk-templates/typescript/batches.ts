// Only what stands between the two region lines is put into the rendered client.
import type { Problem } from './contract.ts';
import { IhfApiError, IhfError } from './errors.ts';
import type { IdempotentCallOptions } from './options.ts';

//#region rendered
interface BatchAnswer {
  accepted: number;
  rejected: number;
  results: Array<{ index: number; status: number; problem?: Problem | undefined }>;
}

/** A batch failed as a whole, and the ones after it were not sent. `cause` says why. */
export class IhfBatchError extends IhfError {
  override readonly name = 'IhfBatchError';
  /** What became of the items before the batch that failed. */
  readonly results: BatchAnswer['results'];
  /** The index of the first item of which nothing is known. */
  readonly index: number;

  constructor(index: number, results: BatchAnswer['results'], cause: IhfError) {
    super(`the items from ${index} on were not reported: ${cause.message}`, { cause });
    this.index = index;
    this.results = results;
  }
}

/** Sends any number of items, so many at a time, and collects what became of each by its place among them all. */
async function batches<Item, Answer extends BatchAnswer>(
  items: Iterable<Item> | AsyncIterable<Item>,
  most: number,
  options: IdempotentCallOptions = {},
  send: (items: Item[], options: IdempotentCallOptions) => Promise<Answer>,
): Promise<Answer> {
  const total: BatchAnswer = { accepted: 0, rejected: 0, results: [] };
  const deliver = async (part: Item[], start: number): Promise<void> => {
    const { idempotencyKey: key } = options;
    const ofPart = key === undefined ? options : { ...options, idempotencyKey: `${key}-${start}-${part.length}` };
    try {
      const { accepted, rejected, results } = await send(part, ofPart);
      total.accepted += accepted;
      total.rejected += rejected;
      for (const result of results) total.results.push({ ...result, index: start + result.index });
    } catch (error) {
      if (!(error instanceof IhfError) || error instanceof IhfBatchError) throw error;
      if (!(error instanceof IhfApiError) || error.status !== 413) throw new IhfBatchError(start, total.results, error);
      if (part.length === 1) {
        total.rejected += 1;
        total.results.push({ index: start, status: 413, problem: error.problem });
        return;
      }
      const half = part.length >> 1;
      await deliver(part.slice(0, half), start);
      await deliver(part.slice(half), start + half);
    }
  };
  let start = 0;
  let part: Item[] = [];
  for await (const item of items) {
    part.push(item);
    if (part.length < most) continue;
    await deliver(part, start);
    start += part.length;
    part = [];
  }
  if (part.length > 0) await deliver(part, start);
  return total as Answer;
}

//#endregion

export { batches };
