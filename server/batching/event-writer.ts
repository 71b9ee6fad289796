import { IhfError } from '../errors.ts';
import type { Db } from '../store/database/database.ts';
import {
  type InteractionEvent,
  insertInteractionEvents,
  type NewInteractionEvent,
  type Outcome,
} from '../store/interactions/interaction-events.ts';
import { Batcher } from './batcher.ts';

export interface EventHandover {
  run<Result>(hubIds: readonly string[], insert: (lease: string) => Promise<Result>): Promise<Result>;
}

/** Commits single events in batches. A caller receives its response after the commit of its event. */
export class EventWriter {
  readonly #batcher: Batcher<NewInteractionEvent, Outcome>;

  /** @param handover hands the webhook messages of an insert to a worker. */
  constructor(db: Db, handover: EventHandover) {
    this.#batcher = new Batcher((events) =>
      handover.run(
        events.map(({ hub_id }) => hub_id),
        (lease) => insertInteractionEvents(db, events, lease),
      ),
    );
  }

  /** @throws IhfError as `insertInteractionEvents` returns it for this event. */
  async write(event: NewInteractionEvent): Promise<InteractionEvent> {
    const outcome = await this.#batcher.submit(event);
    if (outcome instanceof IhfError) throw outcome;
    return outcome;
  }
}
