import { rotateClientSecret } from '../../access/client-secrets.ts';
import {
  type Consumer,
  insertConsumer,
  listConsumers,
  setConsumerDisabled,
  setConsumerLimits,
  setConsumerManifest,
} from '../../store/access/consumers.ts';
import { type CliCommand, defineCommand, UsageError } from '../command.ts';
import {
  findConsumerByName,
  findHubByName,
  findHubFilter,
  parseDuration,
  parseId,
  parseScopes,
  SCOPE_OPTIONS,
} from '../lookups.ts';
import { table } from '../table.ts';

const CONSUMER = 'Name or id of the consumer';

const list = defineCommand({
  summary: 'List API consumers',
  arguments: {},
  options: { hub: { value: 'HUB', description: 'List only the consumers of this hub (slug or id)' } },
  examples: ['consumers list', 'consumers list --hub storefront'],
  async run({ hub }, session) {
    const database = await session.read();
    const consumers = await listConsumers(database, await findHubFilter(database, hub));
    const rows = consumers.map(({ id, name, manifest_id, disabled_at, scopes }) => ({
      id,
      name,
      manifest: manifest_id,
      state: disabled_at ? 'disabled' : 'enabled',
      scopes: scopes.join(' '),
    }));
    return { json: consumers, text: table(rows) };
  },
});

const create = defineCommand({
  summary: 'Create an API consumer (a client program)',
  arguments: { hub: 'Slug or id of the hub that owns the consumer', name: 'Name of the consumer, unique in its hub' },
  options: {
    manifest: {
      value: 'MANIFEST',
      description: 'Id of the capability manifest that applies to the consumer',
      otherwise: 'none; the consumer can read but not write',
    },
    ...SCOPE_OPTIONS,
  },
  examples: [
    'consumers create storefront web --manifest 01a20992-e11d-72de-af53-f1126c373589 --preset reporting',
    'consumers create storefront reports --scopes hub:widgets:read,hub:interactions:read',
  ],
  async run({ hub, name, manifest, scopes, preset }, session) {
    const database = await session.write();
    const consumer = await insertConsumer(database, {
      hub_id: (await findHubByName(database, hub)).id,
      name,
      manifest_id: manifest && parseId(manifest, 'manifest'),
      scopes: await parseScopes(database, { scopes, preset }),
    });
    const text = `Created consumer ${consumer.id}. Issue a key with 'ihf keys create ${consumer.id} --scopes SCOPES'.`;
    return { json: consumer, text };
  },
});

const assign = defineCommand({
  summary: 'Assign a capability manifest to a consumer',
  arguments: { consumer: CONSUMER, manifest: "Id of a manifest of the same hub, or 'none'" },
  options: {},
  examples: ['consumers assign web 01a20992-e11d-72de-af53-f1126c373589', 'consumers assign web none'],
  async run({ consumer, manifest }, session) {
    const database = await session.write();
    const { hub_id, id } = await findConsumerByName(database, consumer);
    const changed = await setConsumerManifest(
      database,
      hub_id,
      id,
      manifest === 'none' ? null : parseId(manifest, 'manifest'),
    );
    const assigned = changed?.manifest_id;
    return {
      json: changed,
      text: assigned ? `Consumer ${id} has manifest ${assigned}.` : `Consumer ${id} has no manifest.`,
    };
  },
});

const limit = defineCommand({
  summary: "Set a consumer's rate limit and daily quota",
  arguments: { consumer: CONSUMER },
  options: {
    rate: { value: 'N', description: "Requests per minute, or 'default'", otherwise: 'unchanged' },
    quota: { value: 'N', description: "Requests and batch items per UTC day, or 'default'", otherwise: 'unchanged' },
  },
  examples: ['consumers limit web --rate 600 --quota 100000', 'consumers limit web --rate default'],
  async run({ consumer, rate, quota }, session) {
    const limits = { rate_per_minute: parseLimit(rate, 'rate'), daily_quota: parseLimit(quota, 'quota') };
    const database = await session.write();
    const { hub_id, id } = await findConsumerByName(database, consumer);
    const changed = (await setConsumerLimits(database, hub_id, id, limits)) as Consumer;
    const [minute, day] = [changed.rate_per_minute ?? 'default', changed.daily_quota ?? 'default'];
    return { json: changed, text: `Consumer ${id}: requests per minute: ${minute}, daily quota: ${day}.` };
  },
});

function parseLimit(text: string | undefined, option: string): number | null | undefined {
  if (text === undefined) return undefined;
  if (text === 'default') return null;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`--${option} must be a whole number or 'default' (got '${text}').`);
}

const secret = defineCommand({
  summary: 'Issue a new OAuth 2.0 client secret (prints it once)',
  arguments: { consumer: CONSUMER },
  options: {
    overlap: {
      value: 'DURATION',
      description: 'How long the previous secret stays valid, for example 15m or 24h',
      default: '0s',
    },
  },
  examples: ['consumers secret web', 'consumers secret web --overlap 24h'],
  async run({ consumer, overlap }, session) {
    const seconds = parseDuration(overlap, 'overlap');
    const database = await session.write();
    const { hub_id, id } = await findConsumerByName(database, consumer);
    const issued = await rotateClientSecret(database, hub_id, id, seconds);
    const shown = `client_id      ${id}\nclient_secret  ${issued.client_secret}`;
    return {
      json: { client_id: id, ...issued },
      text: `${shown}\nStore this client secret now; it cannot be shown again.`,
    };
  },
});

function switchCommand(verb: 'disable' | 'enable', summary: string): CliCommand {
  return defineCommand({
    summary,
    arguments: { consumer: CONSUMER },
    options: {},
    examples: [`consumers ${verb} web`],
    async run({ consumer }, session) {
      const database = await session.write();
      const { hub_id, id } = await findConsumerByName(database, consumer);
      const changed = (await setConsumerDisabled(database, hub_id, id, verb === 'disable')) as Consumer;
      return { json: changed, text: `Consumer ${id} is ${verb}d.` };
    },
  });
}

export const consumers = {
  summary: 'Manage API consumers (client programs)',
  commands: {
    list,
    create,
    assign,
    limit,
    secret,
    disable: switchCommand('disable', 'Reject all keys and tokens of a consumer, effective at once'),
    enable: switchCommand('enable', 'Accept the keys and tokens of a consumer again'),
  },
};
