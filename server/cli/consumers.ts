import {
  type Consumer,
  insertConsumer,
  listConsumers,
  setConsumerDisabled,
  setConsumerLimits,
  setConsumerManifest,
} from '../store/access/consumers.ts';
import { rotateClientSecret } from '../store/access/oauth-clients.ts';
import { type CliCommand, table, UsageError } from './command.ts';
import { findConsumerByName, findHubByName, parseDuration, parseId, parseScopes } from './lookups.ts';

const list: CliCommand = {
  summary: 'show the API consumers',
  arguments: [],
  options: { hub: 'only of this hub, by slug or id' },
  async run({ hub }, { database }) {
    const consumers = await listConsumers(database, hub && (await findHubByName(database, hub)).id);
    const rows = consumers.map(({ id, name, manifest_id, disabled_at, scopes }) => ({
      id,
      name,
      manifest: manifest_id,
      state: disabled_at ? 'disabled' : 'enabled',
      scopes: scopes.join(' '),
    }));
    return { json: consumers, text: table(rows) };
  },
};

const create: CliCommand = {
  summary: 'let a program call',
  arguments: ['hub', 'name'],
  options: {
    manifest: 'the manifest of its hub that it works under; without one it cannot write',
    scopes: 'the most it may be granted, with commas; all if left out',
  },
  async run({ hub, name = '', manifest, scopes }, { database }) {
    const consumer = await insertConsumer(database, {
      hub_id: (await findHubByName(database, hub)).id,
      name,
      manifest_id: manifest && parseId(manifest, 'manifest'),
      scopes: await parseScopes(database, scopes),
    });
    return { json: consumer, text: `consumer ${consumer.id}. 'ihf keys create ${consumer.id}' makes it a key.` };
  },
};

const assign: CliCommand = {
  summary: 'put a consumer under a manifest of its hub, or under none',
  arguments: ['consumer', 'manifest'],
  options: {},
  async run({ consumer, manifest }, { database }) {
    const { hub_id, id } = await findConsumerByName(database, consumer);
    const changed = await setConsumerManifest(
      database,
      hub_id,
      id,
      manifest === 'none' ? null : parseId(manifest, 'manifest'),
    );
    return { json: changed, text: `consumer ${id} works under ${changed?.manifest_id ?? 'no manifest'}` };
  },
};

const limit: CliCommand = {
  summary: 'set how much a consumer may ask; default gives back the default',
  arguments: ['consumer'],
  options: { rate: 'requests in a minute', quota: 'requests and batch items in a day, UTC' },
  async run({ consumer, rate, quota }, { database }) {
    const { hub_id, id } = await findConsumerByName(database, consumer);
    const limits = { rate_per_minute: limitOf(rate, 'rate'), daily_quota: limitOf(quota, 'quota') };
    const changed = (await setConsumerLimits(database, hub_id, id, limits)) as Consumer;
    const [minute, day] = [changed.rate_per_minute ?? 'default', changed.daily_quota ?? 'default'];
    return { json: changed, text: `consumer ${id}: ${minute} a minute, ${day} a day` };
  },
};

function limitOf(text: string | undefined, option: string): number | null | undefined {
  if (text === undefined) return undefined;
  if (text === 'default') return null;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`--${option} is '${text}'. It is a whole number, or default.`);
}

const secret: CliCommand = {
  summary: 'make an OAuth 2.0 client secret; the one before ends after the overlap',
  arguments: ['consumer'],
  options: { overlap: 'how long the one before is still good: 15m, 24h; at once if left out' },
  async run({ consumer, overlap }, { database }) {
    const { hub_id, id } = await findConsumerByName(database, consumer);
    const issued = await rotateClientSecret(database, hub_id, id, parseDuration(overlap, 0));
    const text = `client_id      ${id}\nclient_secret  ${issued.client_secret}\nThe secret is shown now and never again.`;
    return { json: { client_id: id, ...issued }, text };
  },
};

function switched(disabled: boolean, summary: string): CliCommand {
  return {
    summary,
    arguments: ['consumer'],
    options: {},
    async run({ consumer }, { database }) {
      const { hub_id, id } = await findConsumerByName(database, consumer);
      const changed = (await setConsumerDisabled(database, hub_id, id, disabled)) as Consumer;
      return { json: changed, text: `consumer ${id} is ${disabled ? 'disabled' : 'enabled'}` };
    },
  };
}

export const consumers = {
  list,
  create,
  assign,
  limit,
  secret,
  disable: switched(true, 'refuse its keys and tokens, at once'),
  enable: switched(false, 'accept its keys and tokens again'),
};
