import { type IssuedKey, issueKey, rotateKey } from '../../access/api-keys.ts';
import { IhfError } from '../../errors.ts';
import { type ApiKey, listKeys, revokeKey } from '../../store/access/api-keys.ts';
import { findAuthority } from '../../store/access/consumers.ts';
import { type Authority, scopeDenialReason } from '../../store/access/identities.ts';
import { type CliResult, defineCommand, UsageError } from '../command.ts';
import {
  findConsumerByName,
  findHubOf,
  parseDuration,
  parseId,
  parseScopes,
  parseTime,
  SCOPE_OPTIONS,
  shortTime,
} from '../lookups.ts';
import { table } from '../table.ts';

const KEY = "Id of the key, as in 'ihf keys list'";

const list = defineCommand({
  summary: 'List API keys (prefix only)',
  arguments: {},
  options: { consumer: { value: 'CONSUMER', description: 'List only the keys of this consumer (name or id)' } },
  examples: ['keys list', 'keys list --consumer web'],
  async run({ consumer }, session) {
    const database = await session.read();
    const owner = consumer === undefined ? undefined : await findConsumerByName(database, consumer);
    const keys = await listKeys(database, owner?.hub_id, owner?.id);
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
  summary: 'Create an API key (prints it once)',
  arguments: { consumer: 'Name or id of the consumer' },
  options: {
    name: { value: 'TEXT', description: 'What the key is for', otherwise: 'none' },
    ...SCOPE_OPTIONS,
    expires: { value: 'DATE', description: 'ISO 8601 date or time of expiry', otherwise: 'the key does not expire' },
  },
  examples: [
    'keys create web --preset reporting',
    'keys create web --name ci --scopes hub:widgets:read --expires 2027-03-31',
  ],
  async run({ consumer, name, scopes, preset, expires }, session) {
    const expires_at = expires === undefined ? undefined : parseTime(expires, '--expires');
    const database = await session.write();
    const owner = await findConsumerByName(database, consumer);
    const authority = (await findAuthority(database, owner.hub_id, owner.id)) as Authority;
    const grantable = owner.scopes.filter((scope) => !scopeDenialReason(authority, scope));
    const requested = await parseScopes(database, { scopes, preset }, grantable);
    if (requested.length === 0) {
      throw new UsageError(`Preset '${preset}' has no scope that can be granted. Check the consumer and its manifest.`);
    }
    for (const scope of requested) {
      const reason = scopeDenialReason(authority, scope);
      if (reason) throw new UsageError(`Scope ${scope} cannot be granted: ${reason}.`);
    }
    const key = { hub_id: owner.hub_id, consumer_id: owner.id, name, scopes: requested, expires_at };
    return printKey(await issueKey(database, key));
  },
});

const rotate = defineCommand({
  summary: 'Replace an API key; the old key expires after the overlap',
  arguments: { key: KEY },
  options: {
    overlap: {
      value: 'DURATION',
      description: 'How long the old key stays valid, for example 15m or 24h',
      default: '0s',
    },
  },
  examples: ['keys rotate 01a20992-e11d-72de-af53-f1126c373589 --overlap 24h'],
  async run({ key, overlap }, session) {
    const [id, seconds] = [parseId(key, 'key'), parseDuration(overlap, 'overlap')];
    const database = await session.write();
    const issued = await rotateKey(database, await findHubOf(database, 'key', id), id, seconds);
    if (issued) return printKey(issued);
    throw new IhfError('not_found', `There is no active key ${id}. Run 'ihf keys list' to list all keys.`);
  },
});

const revoke = defineCommand({
  summary: 'Revoke an API key on all nodes before returning',
  arguments: { key: KEY },
  options: {},
  examples: ['keys revoke 01a20992-e11d-72de-af53-f1126c373589'],
  async run({ key }, session) {
    const id = parseId(key, 'key');
    const database = await session.write();
    const revoked = (await revokeKey(database, await findHubOf(database, 'key', id), id)) as ApiKey;
    return { json: revoked, text: `Revoked key ${revoked.key_prefix}….` };
  },
});

export const keys = { summary: 'Manage API keys', commands: { list, create, rotate, revoke } };

function printKey(issued: IssuedKey): CliResult {
  return { json: issued, text: `${issued.key}\nStore this key now; it cannot be shown again. Its id is ${issued.id}.` };
}

function stateOf(key: ApiKey): string {
  if (key.revoked_at) return 'revoked';
  return key.expires_at && Date.parse(key.expires_at) <= Date.now() ? 'expired' : 'active';
}
