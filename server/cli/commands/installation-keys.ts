import { issueInstallationKey } from '../../access/installation-keys.ts';
import { IhfError } from '../../errors.ts';
import {
  INSTALLATION_SCOPES,
  type InstallationKey,
  listInstallationKeys,
  revokeInstallationKey,
} from '../../store/access/installation-keys.ts';
import { defineCommand, UsageError } from '../command.ts';
import { parseId, parseTime, shortTime } from '../lookups.ts';
import { table } from '../table.ts';

const list = defineCommand({
  summary: 'List installation keys (prefix only)',
  arguments: {},
  options: {},
  examples: ['installation-keys list'],
  async run(_, session) {
    const keys = await listInstallationKeys(await session.read());
    const rows = keys.map((key) => ({
      id: key.id,
      prefix: key.key_prefix,
      name: key.name,
      state: stateOf(key),
      expires: shortTime(key.expires_at),
      'last used': shortTime(key.last_used_at),
      scopes: key.scopes.join(' '),
    }));
    return { json: keys, text: table(rows) };
  },
});

const create = defineCommand({
  summary: 'Create an installation key, which can change the registries (prints it once)',
  arguments: { name: 'What the key is for' },
  options: {
    scopes: {
      value: 'SCOPES',
      description: `Scopes to grant, separated by commas: ${INSTALLATION_SCOPES.join(', ')}`,
      required: true,
    },
    expires: { value: 'DATE', description: 'ISO 8601 date or time of expiry', otherwise: 'the key does not expire' },
  },
  examples: ['installation-keys create ci --scopes installation:registries:write --expires 2027-03-31'],
  async run({ name, scopes, expires }, session) {
    const granted = scopes.split(',').map((text) => {
      const scope = INSTALLATION_SCOPES.find((known) => known === text.trim());
      if (scope) return scope;
      throw new UsageError(`Unknown scope '${text.trim()}'. Use any of ${INSTALLATION_SCOPES.join(', ')}.`);
    });
    const expires_at = expires === undefined ? undefined : parseTime(expires, '--expires');
    const issued = await issueInstallationKey(await session.write(), { name, scopes: granted, expires_at });
    const text = `${issued.key}\nStore this key now; it cannot be shown again. Its id is ${issued.id}.`;
    return { json: issued, text };
  },
});

const revoke = defineCommand({
  summary: 'Revoke an installation key on all nodes before returning',
  arguments: { key: "Id of the key, as in 'ihf installation-keys list'" },
  options: {},
  examples: ['installation-keys revoke 01a20992-e11d-72de-af53-f1126c373589'],
  async run({ key }, session) {
    const id = parseId(key, 'installation-key');
    const revoked = await revokeInstallationKey(await session.write(), id);
    if (revoked) return { json: revoked, text: `Revoked key ${revoked.key_prefix}….` };
    throw new IhfError(
      'not_found',
      `There is no installation key ${id}. Run 'ihf installation-keys list' to list all installation keys.`,
    );
  },
});

export const installationKeys = {
  summary: 'Manage the keys of the installation, which can change the registries through the API',
  commands: { list, create, revoke },
};

function stateOf({ revoked_at, expires_at }: InstallationKey): string {
  if (revoked_at) return 'revoked';
  return expires_at && Date.parse(expires_at) <= Date.now() ? 'expired' : 'active';
}
