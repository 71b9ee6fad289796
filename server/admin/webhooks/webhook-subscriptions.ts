import { actingAs } from '../../store/database/actor.ts';
import { findHub } from '../../store/interactions/hubs.ts';
import { countQueued, deleteSubscription, type Subscription } from '../../store/webhooks/subscriptions.ts';
import {
  changeSubscription,
  createSubscription,
  rotateWebhookSecret,
  type SubscriptionWithSecret,
} from '../../webhooks/subscriptions.ts';
import { count } from '../core/format.ts';
import { found } from '../core/lookups.ts';
import { newSecretPage } from '../core/new-secret.ts';
import { actorOf, asOperator } from '../core/operator.ts';
import type { AdminContext, OperatorPage, OperatorPageRequest, Page } from '../core/page.ts';
import { overlapField, requiredField } from '../forms/fields.ts';
import { type FieldError, fieldErrors, formPage } from '../forms/form-page.ts';
import { allHubs, hubOptions } from '../hubs/all-hubs.ts';
import { readSubscriptionForm, subscriptionFormView } from './webhook-form.ts';
import { subscriptionParam } from './webhooks.ts';

/** Not `asOperator`: a DNS lookup must not keep a transaction open. */
const actingOperator = (request: OperatorPageRequest, { database }: AdminContext) =>
  actingAs(database, actorOf(request));

export const newWebhookPage: OperatorPage = async ({ query }, context) => newForm(context, query, []);

export const createWebhook: OperatorPage = async (request, context) => {
  const { form } = request;
  try {
    const hub = found(await findHub(context.database, requiredField(form, 'hub', 'Hub')), 'hub');
    const flags = { ordered: form.has('ordered'), asymmetric: form.has('asymmetric') };
    const wanted = { ...(await readSubscriptionForm(context, form)), ...flags, hub_id: hub.id };
    const created = await createSubscription(actingOperator(request, context), context.webhooks, wanted);
    return newSigningSecret(created, 'New webhook subscription');
  } catch (error) {
    return newForm(context, form, fieldErrors(error));
  }
};

async function newForm(context: AdminContext, form: URLSearchParams, errors: FieldError[]): Promise<Page> {
  const hubs = hubOptions(await allHubs(context.database), form.get('hub'));
  const view = { ...(await subscriptionFormView(context, form)), hubs };
  return formPage({ page: 'webhooks/new', title: 'New webhook subscription', view }, errors);
}

export const editWebhookPage: OperatorPage = async (request, context) =>
  editForm(context, await subscriptionParam(request, context), new URLSearchParams(), []);

export const editWebhook: OperatorPage = async (request, context) => {
  const subscription = await subscriptionParam(request, context);
  try {
    const wanted = await readSubscriptionForm(context, request.form);
    await changeSubscription(actingOperator(request, context), context.webhooks, subscription, wanted);
  } catch (error) {
    return editForm(context, subscription, request.form, fieldErrors(error));
  }
  return { redirect: `/admin/webhooks/${subscription.id}?done=webhook-changed` };
};

async function editForm(
  context: AdminContext,
  subscription: Subscription,
  form: URLSearchParams,
  errors: FieldError[],
): Promise<Page> {
  const { id, ordered, url } = subscription;
  const view = { ...(await subscriptionFormView(context, form, subscription)), id, savedUrl: url, ordered };
  return formPage({ page: 'webhooks/edit', title: 'Edit subscription', view }, errors);
}

export const rotateWebhook: OperatorPage = async (request, context) => {
  const subscription = await subscriptionParam(request, context);
  const overlap = overlapField(request.form);
  const actor = actingOperator(request, context);
  return newSigningSecret(
    await rotateWebhookSecret(actor, context.webhooks, subscription, overlap),
    'New signing secret',
  );
};

function newSigningSecret({ subscription, secret }: SubscriptionWithSecret, title: string): Page {
  return newSecretPage(title, {
    kind: 'signing secret',
    secret,
    publicKey: subscription.public_key,
    isEncrypted: true,
    back: `/admin/webhooks/${subscription.id}`,
    backTo: 'the subscription',
  });
}

const MAX_QUEUED_COUNTED = 10_000;

/** Shows what will be deleted with a subscription. */
export const deleteWebhookPage: OperatorPage = async (request, context) => {
  const { hub_id, id, url } = await subscriptionParam(request, context);
  const queued = await countQueued(context.database, hub_id, id);
  const text = `${queued < MAX_QUEUED_COUNTED ? '' : 'at least '}${count(queued, 'queued message')}`;
  return { page: 'webhooks/delete', title: 'Delete subscription', view: { id, url, queued: text } };
};

export const deleteWebhook: OperatorPage = async (request, context) => {
  const { hub_id, id } = await subscriptionParam(request, context);
  await asOperator(request, context, (db) => deleteSubscription(db, hub_id, id));
  return { redirect: '/admin/webhooks?done=webhook-deleted' };
};
