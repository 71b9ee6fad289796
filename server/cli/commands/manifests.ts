import type { ManifestStatus } from '../../store/access/identities.ts';
import { insertManifest, listManifests, setManifestStatus } from '../../store/access/manifests.ts';
import { type CliCommand, defineCommand } from '../command.ts';
import { findHubByName, findHubFilter, findHubOf, parseId, parseScopes, SCOPE_OPTIONS } from '../lookups.ts';
import { table } from '../table.ts';

const list = defineCommand({
  summary: 'List capability manifests',
  arguments: {},
  options: { hub: { value: 'HUB', description: 'List only the manifests of this hub (slug or id)' } },
  examples: ['manifests list', 'manifests list --hub storefront'],
  async run({ hub }, session) {
    const database = await session.read();
    const manifests = await listManifests(database, await findHubFilter(database, hub));
    const rows = manifests.map(({ id, name, status, scopes }) => ({ id, name, status, scopes: scopes.join(' ') }));
    return { json: manifests, text: table(rows) };
  },
});

const create = defineCommand({
  summary: 'Create a draft manifest that declares the scopes of a hub',
  arguments: { hub: 'Slug or id of the hub', name: 'Name of the manifest' },
  options: SCOPE_OPTIONS,
  examples: ["manifests create storefront 'Reporting' --scopes hub:widgets:write,hub:interactions:write"],
  async run({ hub, name, scopes, preset }, session) {
    const database = await session.write();
    const { id } = await findHubByName(database, hub);
    const manifest = await insertManifest(database, {
      hub_id: id,
      name,
      scopes: await parseScopes(database, { scopes, preset }),
    });
    const text = `Created draft manifest ${manifest.id}. Activate it with 'ihf manifests activate ${manifest.id}'.`;
    return { json: manifest, text };
  },
});

function statusCommand(verb: string, status: ManifestStatus, summary: string): CliCommand {
  return defineCommand({
    summary,
    arguments: { manifest: "Id of the manifest, as in 'ihf manifests list'" },
    options: {},
    examples: [`manifests ${verb} 01a20992-e11d-72de-af53-f1126c373589`],
    async run({ manifest }, session) {
      const id = parseId(manifest, 'manifest');
      const database = await session.write();
      const changed = await setManifestStatus(database, await findHubOf(database, 'manifest', id), id, status);
      return { json: changed, text: `Manifest ${id} is ${status}.` };
    },
  });
}

export const manifests = {
  summary: 'Manage capability manifests (the scopes that a hub declares)',
  commands: {
    list,
    create,
    activate: statusCommand('activate', 'active', 'Activate a manifest: its scopes can be granted and used'),
    suspend: statusCommand('suspend', 'suspended', 'Suspend a manifest: its consumers cannot write, effective at once'),
    retire: statusCommand('retire', 'retired', 'Retire a manifest permanently'),
  },
};
