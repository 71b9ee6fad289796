import { HubError } from '../errors.ts';
import type { Db } from './database.ts';
import {
  type InteractionEvent,
  insertInteractionEvents,
  type NewInteractionEvent,
  type Outcome,
} from './interaction-events.ts';

interface Waiting {
  event: NewInteractionEvent;
  settle(outcome: Outcome): void;
  fail(error: unknown): void;
}

/** Two statements under way keep the database busy while the next group gathers. */
const STATEMENTS = 2;
const LARGEST_GROUP = 500;

/**
 * Commits in groups without a timer: whatever arrived while the last statements were in flight goes into the next one.
 * An event that meets nobody is written at once; each caller is answered after the commit that holds its event.
 */
export class EventWriter {
  readonly #db: Db;
  #waiting: Waiting[] = [];
  #inFlight = 0;

  constructor(db: Db) {
    this.#db = db;
  }

  /** @throws HubError as `insertInteractionEvents` says, for this event alone. */
  async write(event: NewInteractionEvent): Promise<InteractionEvent> {
    const outcome = await new Promise<Outcome>((settle, fail) => {
      this.#waiting.push({ event, settle, fail });
      this.#next();
    });
    if (outcome instanceof HubError) throw outcome;
    return outcome;
  }

  #next(): void {
    if (this.#inFlight >= STATEMENTS || this.#waiting.length === 0) return;
    const group = this.#waiting.splice(0, LARGEST_GROUP);
    this.#inFlight += 1;
    insertInteractionEvents(
      this.#db,
      group.map(({ event }) => event),
    )
      .then(
        (outcomes) => group.forEach(({ settle }, index) => void settle(outcomes[index] as Outcome)),
        (error) => group.forEach(({ fail }) => void fail(error)),
      )
      .finally(() => {
        this.#inFlight -= 1;
        this.#next();
      });
  }
}
