import type { Operations } from '../../generated/operations.ts';
import { annotations } from './annotations.ts';
import type { Context } from './context.ts';
import { contract } from './contract.ts';
import { health } from './health.ts';
import { hubs } from './hubs.ts';
import { interactionEvents } from './interaction-events.ts';
import { me } from './me.ts';
import { registries } from './registries.ts';
import { webhooks } from './webhooks.ts';
import { widgets } from './widgets.ts';

/** The handlers of all operations. A missing handler is a compile error. */
export const handlers: Operations<Context> = {
  ...hubs,
  ...widgets,
  ...interactionEvents,
  ...annotations,
  ...registries,
  ...webhooks,
  ...contract,
  ...health,
  ...me,
};
