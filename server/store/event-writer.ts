import { HubError } from '../errors.ts';
import type { Db } from './database.ts';
import { Gatherer } from './gatherer.ts';
import {
  type InteractionEvent,
  insertInteractionEvents,
  type NewInteractionEvent,
  type Outcome,
} from './interaction-events.ts';

/** Commits single events in groups: each caller is answered after the commit that holds its event. */
export class EventWriter {
  readonly #gatherer: Gatherer<NewInteractionEvent, Outcome>;

  constructor(db: Db) {
    this.#gatherer = new Gatherer((events) => insertInteractionEvents(db, events));
  }

  /** @throws HubError as `insertInteractionEvents` says, for this event alone. */
  async write(event: NewInteractionEvent): Promise<InteractionEvent> {
    const outcome = await this.#gatherer.submit(event);
    if (outcome instanceof HubError) throw outcome;
    return outcome;
  }
}
