import { listKeys } from '../store/access/api-keys.ts';
import { listConsumers } from '../store/access/consumers.ts';
import type { ManifestStatus } from '../store/access/identities.ts';
import { listManifests, type Manifest, setManifestStatus } from '../store/access/manifests.ts';
import { manifestById } from './by-id.ts';
import { choiceOf } from './fields.ts';
import { effectOf } from './manifest-effect.ts';
import {
  type AdminContext,
  asOperator,
  type FieldError,
  fieldErrors,
  idParam,
  type OperatorPage,
  type PageResponse,
} from './page.ts';

type Target = Exclude<ManifestStatus, 'draft'>;

const MOVES: Record<Target, { verb: string; says: string; isBad: boolean }> = {
  active: { verb: 'Activate', says: 'Its scopes can be granted, and writing is honoured.', isBad: false },
  suspended: { verb: 'Suspend', says: 'All writing under it stops at once. It can be activated again.', isBad: true },
  retired: { verb: 'Retire', says: 'All writing under it stops at once, for good.', isBad: true },
};

const FOLLOWING: Record<ManifestStatus, readonly Target[]> = {
  draft: ['active', 'retired'],
  active: ['suspended', 'retired'],
  suspended: ['active', 'retired'],
  retired: [],
};

/** What can become of a manifest. */
export function movesOf({ status }: Manifest) {
  return FOLLOWING[status].map((to) => ({ to, ...MOVES[to] }));
}

/** Who would be affected by a change of state, before anything is changed. */
export const previewStatus: OperatorPage = async (visit, desk) => {
  const manifest = await manifestById(desk.database, idParam(visit));
  return preview(desk, manifest, choiceOf(visit.query, 'to', FOLLOWING[manifest.status]), []);
};

async function preview(
  { database }: AdminContext,
  manifest: Manifest,
  to: Target,
  errors: FieldError[],
): Promise<PageResponse> {
  const [consumers, keys, siblings] = await Promise.all([
    listConsumers(database, manifest.hub_id),
    listKeys(database, manifest.hub_id),
    listManifests(database, manifest.hub_id),
  ]);
  const active = siblings.find(({ id, status }) => status === 'active' && id !== manifest.id);
  const effects = effectOf(manifest, to, consumers, keys);
  const view = {
    manifest,
    to,
    ...MOVES[to],
    effects,
    gains: to === 'active',
    // The hub has another active manifest, and can have one only.
    blocked: to === 'active' ? active : undefined,
    errors,
  };
  const title = `${MOVES[to].verb} ${manifest.name}`;
  return { page: 'manifest-status', title, view, ...(errors.length > 0 && { status: 409 }) };
}

export const setStatus: OperatorPage = async (visit, desk) => {
  const manifest = await manifestById(desk.database, idParam(visit));
  const to = choiceOf(visit.form, 'to', Object.keys(MOVES) as Target[]);
  try {
    await asOperator(visit, desk, (db) => setManifestStatus(db, manifest.hub_id, manifest.id, to));
  } catch (error) {
    return preview(desk, manifest, to, fieldErrors(error));
  }
  return { redirect: `/admin/manifests/${manifest.id}?done=manifest-${to}` };
};
