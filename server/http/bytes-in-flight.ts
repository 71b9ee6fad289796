import type { ServerResponse } from 'node:http';
import { getHeapStatistics } from 'node:v8';
import { IhfError } from '../errors.ts';
import { contextOf } from './request-context.ts';

/** A parsed body takes up to ten times its size, and the rest of the node needs memory too. */
const HEAP_SHARE = 1 / 16;
/** The part of the bytes that one consumer may have. */
const CONSUMER_SHARE = 1 / 2;

/**
 * Limits the bytes of all request bodies that a node holds at a time: a limit on the number of requests alone would allow
 * bodies that together exhaust the memory. A body counts from the arrival of each of its bytes to the end of the response.
 */
export class BytesInFlight {
  readonly #max: number;
  readonly #byConsumer = new Map<string, number>();
  #total = 0;

  /** @param max in bytes. Default: a sixteenth of the limit of the heap. */
  constructor(max = getHeapStatistics().heap_size_limit * HEAP_SHARE) {
    this.#max = max;
  }

  /**
   * Begins to count the bytes of a request, until its response ends. A body is accepted while nothing else is in flight,
   * whatever its size.
   * @returns what counts further bytes. It throws an IhfError: unavailable beyond the limit of the node, too_many_requests
   *   beyond the share of the consumer.
   */
  count(response: ServerResponse): (bytes: number) => void {
    const consumer = contextOf(response).caller?.identity.consumer_id ?? '';
    let counted = 0;
    let isOpen = true;
    response.once('close', () => {
      isOpen = false;
      this.#add(consumer, -counted);
    });
    return (bytes) => {
      // A rejected body may still be arriving. It is discarded, and nothing would give its bytes back.
      if (!isOpen) return;
      const ofConsumer = this.#byConsumer.get(consumer) ?? 0;
      if (this.#total > counted && this.#total + bytes > this.#max) {
        throw new IhfError(
          'unavailable',
          `This node is at its limit of ${megabytes(this.#max)} MB of request bodies. Retry in 1 s.`,
          RETRY,
        );
      }
      if (ofConsumer > counted && ofConsumer + bytes > this.#max * CONSUMER_SHARE) {
        const share = megabytes(this.#max * CONSUMER_SHARE);
        const detail = `This node is processing ${share} MB of the consumer's request bodies, the most at a time. Retry in 1 s.`;
        throw new IhfError('too_many_requests', detail, RETRY);
      }
      counted += bytes;
      this.#add(consumer, bytes);
    };
  }

  #add(consumer: string, bytes: number): void {
    this.#total += bytes;
    const ofConsumer = (this.#byConsumer.get(consumer) ?? 0) + bytes;
    if (ofConsumer > 0) this.#byConsumer.set(consumer, ofConsumer);
    else this.#byConsumer.delete(consumer);
  }
}

const RETRY = { headers: { 'Retry-After': '1' }, extensions: { 'violated-policies': ['bytes_in_flight'] } };

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
