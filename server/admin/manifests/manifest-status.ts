import { listKeys } from '../../store/access/api-keys.ts';
import { listConsumers } from '../../store/access/consumers.ts';
import type { ManifestStatus } from '../../store/access/identities.ts';
import { listManifests, type Manifest, setManifestStatus } from '../../store/access/manifests.ts';
import { idParam } from '../core/lookups.ts';
import { asOperator } from '../core/operator.ts';
import type { AdminContext, OperatorPage, Page } from '../core/page.ts';
import { manifestById } from '../core/rows-by-id.ts';
import { choiceField } from '../forms/fields.ts';
import { type FieldError, fieldErrors, formPage } from '../forms/form-page.ts';
import { manifestEffects } from './manifest-effects.ts';

type Target = Exclude<ManifestStatus, 'draft'>;

const TRANSITIONS: Record<Target, { verb: string; description: string; isDestructive: boolean }> = {
  active: {
    verb: 'Activate',
    description: 'Its scopes can be granted, and consumers under it can write.',
    isDestructive: false,
  },
  suspended: {
    verb: 'Suspend',
    description: 'Consumers under it can no longer write, effective immediately. You can activate it again.',
    isDestructive: true,
  },
  retired: {
    verb: 'Retire',
    description: 'Consumers under it can no longer write, effective immediately. This cannot be undone.',
    isDestructive: true,
  },
};

const NEXT_STATUSES: Record<ManifestStatus, readonly Target[]> = {
  draft: ['active', 'retired'],
  active: ['suspended', 'retired'],
  suspended: ['active', 'retired'],
  retired: [],
};

export function transitionsOf({ status }: Manifest) {
  return NEXT_STATUSES[status].map((to) => ({ to, ...TRANSITIONS[to] }));
}

/** Previews which consumers and keys a status change would affect. */
export const previewStatus: OperatorPage = async (request, context) => {
  const manifest = await manifestById(context.database, idParam(request));
  return preview(context, manifest, choiceField(request.query, 'to', NEXT_STATUSES[manifest.status]), []);
};

async function preview(
  { database }: AdminContext,
  manifest: Manifest,
  to: Target,
  errors: FieldError[],
): Promise<Page> {
  const [consumers, keys, siblings] = await Promise.all([
    listConsumers(database, manifest.hub_id),
    listKeys(database, manifest.hub_id),
    listManifests(database, manifest.hub_id),
  ]);
  const active = siblings.find(({ id, status }) => status === 'active' && id !== manifest.id);
  const view = {
    manifest,
    to,
    ...TRANSITIONS[to],
    effects: manifestEffects(manifest, to, consumers, keys),
    isGain: to === 'active',
    // A hub can have one active manifest only.
    blockedBy: to === 'active' ? active : undefined,
  };
  const title = `${TRANSITIONS[to].verb} ${manifest.name}`;
  return formPage({ page: 'manifests/status', title, view }, errors, 409);
}

export const setStatus: OperatorPage = async (request, context) => {
  const manifest = await manifestById(context.database, idParam(request));
  const to = choiceField(request.form, 'to', Object.keys(TRANSITIONS) as Target[]);
  try {
    await asOperator(request, context, (db) => setManifestStatus(db, manifest.hub_id, manifest.id, to));
  } catch (error) {
    return preview(context, manifest, to, fieldErrors(error));
  }
  return { redirect: `/admin/manifests/${manifest.id}?done=manifest-${to}` };
};
