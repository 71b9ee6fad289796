import { accountPage, changePassword } from './account/account.ts';
import { endOneSession, signOutEverywhere } from './account/end-sessions.ts';
import { auditPage } from './audit/audit.ts';
import {
  assignManifest,
  createSecret,
  disableConsumer,
  enableConsumer,
  setLimits,
} from './consumers/consumer-actions.ts';
import { consumerPage, consumersPage } from './consumers/consumers.ts';
import { createConsumer, newConsumerPage } from './consumers/new-consumer.ts';
import { comparePage, contractPage, revisionPage } from './contract/contract.ts';
import type { OperatorPage, PublicPage } from './core/page.ts';
import { createHub, hubsPage } from './hubs/hubs.ts';
import { createKey, keyPage, newKeyPage, revoke, rotate } from './keys/keys.ts';
import { landingPage } from './landing/landing.ts';
import { previewStatus, setStatus } from './manifests/manifest-status.ts';
import { createManifest, manifestPage, manifestsPage, newManifestPage } from './manifests/manifests.ts';
import { overviewPage } from './overview/overview.ts';
import { addPage, addValue } from './registries/add-value.ts';
import { changePage, changeValue } from './registries/change-value.ts';
import { registriesPage, valuePage } from './registries/registries.ts';
import { requestPage } from './requests/request.ts';
import { requestsPage } from './requests/requests.ts';
import { join, joinPage, signIn, signInPage, signOut } from './sign-in/sign-in.ts';
import { pause, recover, recoverPage, redeliver, resume, sendTest } from './webhooks/webhook-actions.ts';
import { attemptPage } from './webhooks/webhook-attempt.ts';
import {
  createWebhook,
  deleteWebhook,
  deleteWebhookPage,
  editWebhook,
  editWebhookPage,
  newWebhookPage,
  rotateWebhook,
} from './webhooks/webhook-subscriptions.ts';
import { webhookPage, webhooksPage } from './webhooks/webhooks.ts';

/** Pages by method and path. */
export type Routes<Page> = Readonly<Record<string, Page>>;

/** Pages that need no session. */
export const PUBLIC_PAGES: Routes<PublicPage> = {
  'GET /': landingPage,
  'GET /admin/sign-in': signInPage,
  'POST /admin/sign-in': signIn,
  'GET /admin/join': joinPage,
  'POST /admin/join': join,
};

/** Pages and actions that need the session of an operator. */
export const OPERATOR_PAGES: Routes<OperatorPage> = {
  'POST /admin/sign-out': signOut,
  'GET /admin/account': accountPage,
  'POST /admin/account/password': changePassword,
  'POST /admin/account/sessions/:id/end': endOneSession,
  'POST /admin/account/sign-out-everywhere': signOutEverywhere,

  'GET /admin': overviewPage,
  'GET /admin/requests': requestsPage,
  'GET /admin/requests/:id': requestPage,

  'GET /admin/hubs': hubsPage,
  'POST /admin/hubs': createHub,

  'GET /admin/consumers': consumersPage,
  'GET /admin/consumers/new': newConsumerPage,
  'POST /admin/consumers': createConsumer,
  'GET /admin/consumers/:id': consumerPage,
  'POST /admin/consumers/:id/limits': setLimits,
  'POST /admin/consumers/:id/manifest': assignManifest,
  'POST /admin/consumers/:id/disable': disableConsumer,
  'POST /admin/consumers/:id/enable': enableConsumer,
  'POST /admin/consumers/:id/secrets': createSecret,

  'GET /admin/consumers/:id/keys/new': newKeyPage,
  'POST /admin/consumers/:id/keys': createKey,
  'GET /admin/keys/:id': keyPage,
  'POST /admin/keys/:id/rotate': rotate,
  'POST /admin/keys/:id/revoke': revoke,

  'GET /admin/manifests': manifestsPage,
  'GET /admin/manifests/new': newManifestPage,
  'POST /admin/manifests': createManifest,
  'GET /admin/manifests/:id': manifestPage,
  'GET /admin/manifests/:id/status': previewStatus,
  'POST /admin/manifests/:id/status': setStatus,

  'GET /admin/registries': registriesPage,
  'GET /admin/registries/:registry/add': addPage,
  'POST /admin/registries/:registry/add': addValue,
  'GET /admin/registries/:registry/values/:name': valuePage,
  'GET /admin/registries/:registry/values/:name/change': changePage,
  'POST /admin/registries/:registry/values/:name/change': changeValue,

  'GET /admin/contract': contractPage,
  'GET /admin/contract/compare': comparePage,
  'GET /admin/contract/:revision': revisionPage,

  'GET /admin/webhooks': webhooksPage,
  'GET /admin/webhooks/new': newWebhookPage,
  'POST /admin/webhooks': createWebhook,
  'GET /admin/webhooks/:id': webhookPage,
  'GET /admin/webhooks/:id/attempts/:attempt': attemptPage,
  'GET /admin/webhooks/:id/edit': editWebhookPage,
  'POST /admin/webhooks/:id/edit': editWebhook,
  'POST /admin/webhooks/:id/secret': rotateWebhook,
  'GET /admin/webhooks/:id/delete': deleteWebhookPage,
  'POST /admin/webhooks/:id/delete': deleteWebhook,
  'GET /admin/webhooks/:id/recover': recoverPage,
  'POST /admin/webhooks/:id/recover': recover,
  'POST /admin/webhooks/:id/test': sendTest,
  'POST /admin/webhooks/:id/redeliver': redeliver,
  'POST /admin/webhooks/:id/pause': pause,
  'POST /admin/webhooks/:id/resume': resume,

  'GET /admin/audit': auditPage,
};
