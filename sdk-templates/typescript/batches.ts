// Only what stands between the two region lines is put into the rendered client.
import { ContentTooLargeError, type Problem } from './contract.ts';
import { IhfError, nameError } from './errors.ts';
import type { IdempotentCallOptions } from './options.ts';

//#region rendered
interface BatchAnswer {
  accepted: number;
  rejected: number;
  results: Array<{ index: number; status: number; problem?: Problem | undefined }>;
}

/** A batch failed as a whole, and the ones after it were not sent. `cause` says why. */
export class IhfBatchError extends IhfError {
  static {
    nameError(IhfBatchError, 'IhfBatchError');
  }
  declare readonly name: 'IhfBatchError';
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
  const add = ({ accepted, rejected, results }: BatchAnswer, start: number): void => {
    total.accepted += accepted;
    total.rejected += rejected;
    for (const result of results) total.results.push({ ...result, index: start + result.index });
  };
  const deliver = async (part: Item[], start: number): Promise<void> => {
    const { length } = part;
    const key = options.idempotencyKey && `${options.idempotencyKey}-${start}-${length}`;
    try {
      add(await send(part, { ...options, idempotencyKey: key }), start);
    } catch (error) {
      if (!(error instanceof IhfError)) throw error;
      if (!(error instanceof ContentTooLargeError)) throw new IhfBatchError(start, total.results, error);
      const { status, problem } = error;
      if (length === 1) return add({ accepted: 0, rejected: 1, results: [{ index: 0, status, problem }] }, start);
      const half = length >> 1;
      await deliver(part.slice(0, half), start);
      await deliver(part.slice(half), start + half);
    }
  };
  let start = 0;
  let part: Item[] = [];
  for await (const item of items) {
    if (part.push(item) < most) continue;
    await deliver(part, start);
    start += most;
    part = [];
  }
  if (part.length > 0) await deliver(part, start);
  return total as Answer;
}

//#endregion

export { batches };
