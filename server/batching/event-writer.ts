import { IhfError } from '../errors.ts';
import type { Db } from '../store/database/database.ts';
import {
  type InteractionEvent,
  insertInteractionEvents,
  type NewInteractionEvent,
  type Outcome,
} from '../store/interactions/interaction-events.ts';
import { Batcher } from './batcher.ts';

/** Commits single events in batches. A caller receives its response after the commit of its event. */
export class EventWriter {
  readonly #batcher: Batcher<NewInteractionEvent, Outcome>;

  constructor(db: Db) {
    this.#batcher = new Batcher((events) => insertInteractionEvents(db, events));
  }

  /** @throws IhfError as `insertInteractionEvents` returns it for this event. */
  async write(event: NewInteractionEvent): Promise<InteractionEvent> {
    const outcome = await this.#batcher.submit(event);
    if (outcome instanceof IhfError) throw outcome;
    return outcome;
  }
}
