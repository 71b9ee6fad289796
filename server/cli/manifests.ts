import type { ManifestStatus } from '../store/access/identities.ts';
import { insertManifest, listManifests, setManifestStatus } from '../store/access/manifests.ts';
import { type CliCommand, table } from './command.ts';
import { findById, findHubByName, parseScopes } from './lookups.ts';

const list: CliCommand = {
  summary: 'show the capability manifests',
  arguments: [],
  options: { hub: 'only of this hub, by slug or id' },
  async run({ hub }, { database }) {
    const manifests = await listManifests(database, hub && (await findHubByName(database, hub)).id);
    const rows = manifests.map(({ id, name, status, scopes }) => ({ id, name, status, scopes: scopes.join(' ') }));
    return { json: manifests, text: table(rows) };
  },
};

const create: CliCommand = {
  summary: 'draft a manifest: what a hub may do once it is active',
  arguments: ['hub', 'name'],
  options: { scopes: 'what it declares, with commas; all if left out' },
  async run({ hub, name = '', scopes }, { database }) {
    const { id } = await findHubByName(database, hub);
    const manifest = await insertManifest(database, { hub_id: id, name, scopes: await parseScopes(database, scopes) });
    return { json: manifest, text: `manifest ${manifest.id} is a draft. 'ihf manifests activate ${manifest.id}'` };
  },
};

function becomes(status: ManifestStatus, summary: string): CliCommand {
  return {
    summary,
    arguments: ['manifest'],
    options: {},
    async run({ manifest }, { database }) {
      const { hubId, id } = await findById(database, manifest, 'manifest');
      const changed = await setManifestStatus(database, hubId, id, status);
      return { json: changed, text: `manifest ${id} is ${status}` };
    },
  };
}

export const manifests = {
  list,
  create,
  activate: becomes('active', 'let its scopes be granted and honoured'),
  suspend: becomes('suspended', 'stop all writing under it, at once'),
  retire: becomes('retired', 'end it for good'),
};
