import type { RequestListener, ServerResponse } from 'node:http';
import { IhfError } from '../errors.ts';
import { hasBody } from './has-body.ts';
import { sendProblem } from './problem-response.ts';
import { contextOf, requiredContext } from './request-context.ts';
import type { Step } from './step.ts';

/** About one second of requests on two cores: a longer queue only adds waiting time. */
export const DEFAULT_MAX_IN_FLIGHT = 1_000;

/** The part of the slots that one consumer, and one IP address (an IPv6 /64 network), may have. */
const SHARE = 1 / 2;

/**
 * Rejects requests beyond a maximum number in flight. A request takes a slot when its body has arrived, so that a client
 * that sends slowly occupies none, and gives it back when its response is sent.
 */
export class ConcurrencyLimit {
  readonly #maxInFlight: number;
  readonly #share: number;
  /** The slots of each consumer and IP address. */
  readonly #holders = new Map<string, number>();
  inFlight = 0;

  constructor(maxInFlight: number) {
    this.#maxInFlight = maxInFlight;
    this.#share = Math.ceil(maxInFlight * SHARE);
  }

  /** Wraps the app: an overloaded node must not run its steps. A request without a body takes its slot here. */
  wrap(app: RequestListener): RequestListener {
    return (request, response) => {
      try {
        if (contextOf(response).isExempt) return app(request, response);
        if (!hasBody(request.headers)) this.#take(response);
        else this.#rejectAtLimit(`ip ${requiredContext(response, 'source').network}`);
      } catch (error) {
        sendProblem(request, response, error);
        return;
      }
      app(request, response);
    };
  }

  /** The step after the body of a request was read: takes the slot. */
  takeSlot(): Step {
    return (request, response, next) => {
      if (hasBody(request.headers) && !contextOf(response).isExempt) this.#take(response);
      next();
    };
  }

  /** The step after authentication: counts the slot for the consumer too. */
  countConsumer(): Step {
    return (_request, response, next) => {
      const { caller } = contextOf(response);
      if (caller) this.#hold(`consumer ${caller.identity.consumer_id}`, response);
      next();
    };
  }

  #take(response: ServerResponse): void {
    const holder = `ip ${requiredContext(response, 'source').network}`;
    this.#rejectAtLimit(holder);
    this.inFlight += 1;
    response.once('close', () => {
      this.inFlight -= 1;
    });
    this.#hold(holder, response);
  }

  #hold(holder: string, response: ServerResponse): void {
    this.#rejectAtShare(holder);
    this.#holders.set(holder, (this.#holders.get(holder) ?? 0) + 1);
    response.once('close', () => {
      const left = (this.#holders.get(holder) ?? 1) - 1;
      if (left > 0) this.#holders.set(holder, left);
      else this.#holders.delete(holder);
    });
  }

  #rejectAtLimit(holder: string): void {
    if (this.inFlight >= this.#maxInFlight) {
      const detail = `This node is at its limit of ${this.#maxInFlight} concurrent requests. Retry in 1 s.`;
      throw new IhfError('unavailable', detail, retryInOneSecond('in_flight'));
    }
    this.#rejectAtShare(holder);
  }

  #rejectAtShare(holder: string): void {
    if ((this.#holders.get(holder) ?? 0) < this.#share) return;
    const whose = holder.startsWith('ip ') ? 'your IP address' : 'the consumer';
    const detail = `This node is processing ${this.#share} requests of ${whose}, the most at a time. Retry in 1 s.`;
    throw new IhfError('too_many_requests', detail, retryInOneSecond('share'));
  }
}

function retryInOneSecond(policy: string) {
  return { headers: { 'Retry-After': '1' }, extensions: { 'violated-policies': [policy] } };
}
