import { actingAs } from '../store/database/actor.ts';
import { findHub, listHubs } from '../store/interactions/hubs.ts';
import { countQueued, deleteSubscription, type Subscription } from '../store/webhooks/subscriptions.ts';
import {
  createWebhook as createSubscription,
  rotateWebhookSecret,
  updateWebhook,
  type WithSecret,
} from '../webhooks/subscriptions.ts';
import { subscriptionById } from './by-id.ts';
import { graceOf, requiredOf } from './fields.ts';
import { count } from './format.ts';
import { ALL } from './hubs.ts';
import {
  type AdminContext,
  actorOf,
  asOperator,
  type FieldError,
  fieldErrors,
  found,
  idParam,
  type OperatorPage,
  type OperatorPageRequest,
  type PageResponse,
} from './page.ts';
import { formView, wantedOf } from './webhook-form.ts';

/** Whoever asks a name server for an address holds no transaction open meanwhile. */
const actingOperator = (visit: OperatorPageRequest, { database }: AdminContext) => actingAs(database, actorOf(visit));

async function subscriptionAt(visit: OperatorPageRequest, { database }: AdminContext): Promise<Subscription> {
  return subscriptionById(database, idParam(visit));
}

export const newWebhookPage: OperatorPage = async ({ query }, desk) => newForm(desk, query, []);

export const createWebhook: OperatorPage = async (visit, desk) => {
  const { form } = visit;
  try {
    const hub = found(await findHub(desk.database, requiredOf(form, 'hub', 'The hub')), 'hub');
    const flags = { ordered: form.has('ordered'), asymmetric: form.has('asymmetric') };
    const wanted = { ...(await wantedOf(desk, form)), ...flags, hub_id: hub.id };
    return reveal(await createSubscription(actingOperator(visit, desk), desk.webhooks, wanted), 'A new subscription');
  } catch (error) {
    return { ...(await newForm(desk, form, fieldErrors(error))), status: 422 };
  }
};

async function newForm(desk: AdminContext, form: URLSearchParams, errors: FieldError[]) {
  const { data: hubs } = await listHubs(desk.database, ALL);
  const view = {
    ...(await formView(desk, form)),
    hubs: hubs.map(({ id, slug }) => ({ id, slug, isChosen: id === form.get('hub') })),
    errors,
  };
  return { page: 'webhook-new', title: 'New webhook subscription', view };
}

export const editWebhookPage: OperatorPage = async (visit, desk) => {
  return editForm(desk, await subscriptionAt(visit, desk), new URLSearchParams(), []);
};

export const editWebhook: OperatorPage = async (visit, desk) => {
  const subscription = await subscriptionAt(visit, desk);
  try {
    const wanted = await wantedOf(desk, visit.form);
    await updateWebhook(actingOperator(visit, desk), desk.webhooks, subscription, wanted);
  } catch (error) {
    return { ...(await editForm(desk, subscription, visit.form, fieldErrors(error))), status: 422 };
  }
  return { redirect: `/admin/webhooks/${subscription.id}?done=webhook-changed` };
};

async function editForm(desk: AdminContext, subscription: Subscription, form: URLSearchParams, errors: FieldError[]) {
  const { id, ordered } = subscription;
  const view = { ...(await formView(desk, form, subscription)), id, from: subscription.url, ordered, errors };
  return { page: 'webhook-edit', title: 'Change the subscription', view };
}

export const rotateWebhook: OperatorPage = async (visit, desk) => {
  const subscription = await subscriptionAt(visit, desk);
  const rotated = await rotateWebhookSecret(
    actingOperator(visit, desk),
    desk.webhooks,
    subscription,
    graceOf(visit.form),
  );
  return reveal(rotated, 'A new signing secret');
};

/** The secret is in this answer and nowhere else. */
function reveal({ subscription, secret }: WithSecret, title: string): PageResponse {
  const view = {
    what: 'signing secret',
    secret,
    publicKey: subscription.public_key,
    isSealed: true,
    back: `/admin/webhooks/${subscription.id}`,
    backTo: 'the subscription',
  };
  return { page: 'reveal', title, view };
}

/** What is lost with a subscription, before it is. */
export const deleteWebhookPage: OperatorPage = async (visit, desk) => {
  const { hub_id, id, url } = await subscriptionAt(visit, desk);
  const waiting = await countQueued(desk.database, hub_id, id);
  const queued = `${waiting < 10_000 ? '' : 'at least '}${count(waiting, 'message')}`;
  return { page: 'webhook-delete', title: 'Delete the subscription', view: { id, url, queued } };
};

export const deleteWebhook: OperatorPage = async (visit, desk) => {
  const { hub_id, id } = await subscriptionAt(visit, desk);
  await asOperator(visit, desk, (db) => deleteSubscription(db, hub_id, id));
  return { redirect: '/admin/webhooks?done=webhook-deleted' };
};
