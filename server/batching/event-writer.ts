import { IhfError } from '../errors.ts';
import type { Db } from '../store/database/database.ts';
import {
  type InteractionEvent,
  insertInteractionEvents,
  type NewInteractionEvent,
  type Outcome,
} from '../store/interactions/interaction-events.ts';
import { Batcher } from './batcher.ts';

/** Commits single events in groups: each caller is answered after the commit that holds its event. */
export class EventWriter {
  readonly #gatherer: Batcher<NewInteractionEvent, Outcome>;

  constructor(db: Db) {
    this.#gatherer = new Batcher((events) => insertInteractionEvents(db, events));
  }

  /** @throws IhfError as `insertInteractionEvents` says, for this event alone. */
  async write(event: NewInteractionEvent): Promise<InteractionEvent> {
    const outcome = await this.#gatherer.submit(event);
    if (outcome instanceof IhfError) throw outcome;
    return outcome;
  }
}
