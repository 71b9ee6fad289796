import { IhfError } from '../errors.ts';
import { type ApiKey, type IssuedKey, insertKey, listKeys, revokeKey, rotateKey } from '../store/access/api-keys.ts';
import { findAuthority } from '../store/access/consumers.ts';
import { type Authority, scopeDenialReason } from '../store/access/identities.ts';
import { type CliCommand, type CliResult, table, UsageError } from './command.ts';
import { findById, findConsumerByName, parseDuration, parseScopes, parseTime } from './lookups.ts';

const list: CliCommand = {
  summary: 'show the API keys, by their beginnings',
  arguments: [],
  options: { consumer: 'only of this consumer, by id or name' },
  async run({ consumer }, { database }) {
    const owner = consumer === undefined ? undefined : await findConsumerByName(database, consumer);
    const keys = await listKeys(database, owner?.hub_id, owner?.id);
    const rows = keys.map((key) => ({
      id: key.id,
      prefix: key.key_prefix,
      name: key.name,
      state: stateOf(key),
      expires: key.expires_at,
      'last used': key.last_used_at,
      scopes: key.scopes.join(' '),
    }));
    return { json: keys, text: table(rows) };
  },
};

const create: CliCommand = {
  summary: 'make an API key; it is shown once',
  arguments: ['consumer'],
  options: {
    name: 'what it is for',
    scopes: 'what it is granted, with commas; all that is in force for the consumer if left out',
    expires: 'when it ends, as in 2027-03-31',
  },
  async run({ consumer, name, scopes, expires }, { database }) {
    const owner = await findConsumerByName(database, consumer);
    const authority = (await findAuthority(database, owner.hub_id, owner.id)) as Authority;
    const inForce = owner.scopes.filter((scope) => !scopeDenialReason(authority, scope));
    const asked = scopes === undefined ? inForce : await parseScopes(database, scopes);
    for (const scope of asked) {
      const reason = scopeDenialReason(authority, scope);
      if (reason) throw new UsageError(`${scope} cannot be granted now: ${reason}.`);
    }
    const expires_at = parseTime(expires, 'expires');
    const wanted = { hub_id: owner.hub_id, consumer_id: owner.id, name, scopes: asked, expires_at };
    return shownOnce(await insertKey(database, wanted));
  },
};

const rotate: CliCommand = {
  summary: 'make a key like this one, which ends after the overlap',
  arguments: ['key'],
  options: { overlap: 'how long the old key is still good: 15m, 24h; at once if left out' },
  async run({ key, overlap }, { database }) {
    const { hubId, id } = await findById(database, key, 'key');
    const issued = await rotateKey(database, hubId, id, parseDuration(overlap, 0));
    if (!issued)
      throw new IhfError('not_found', `There is no key ${id} that is still good. 'ihf keys list' shows them.`);
    return shownOnce(issued);
  },
};

const revoke: CliCommand = {
  summary: 'end a key: when this returns, no node accepts it',
  arguments: ['key'],
  options: {},
  async run({ key }, { database }) {
    const { hubId, id } = await findById(database, key, 'key');
    const revoked = (await revokeKey(database, hubId, id)) as ApiKey;
    return { json: revoked, text: `key ${revoked.key_prefix}… is revoked` };
  },
};

export const keys = { list, create, rotate, revoke };

function shownOnce(issued: IssuedKey): CliResult {
  return { json: issued, text: `${issued.key}\nThe key is shown now and never again. Its id is ${issued.id}.` };
}

function stateOf(key: ApiKey): string {
  if (key.revoked_at) return 'revoked';
  return key.expires_at && Date.parse(key.expires_at) <= Date.now() ? 'expired' : 'good';
}
