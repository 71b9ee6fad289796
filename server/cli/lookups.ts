import { SCOPE_PRESETS, scopesOfPreset } from '../access/scope-presets.ts';
import { IhfError } from '../errors.ts';
import { UUID } from '../patterns.ts';
import { type Consumer, listConsumers, listScopes } from '../store/access/consumers.ts';
import type { Db } from '../store/database/database.ts';
import { findHubBySlug, type Hub } from '../store/interactions/hubs.ts';
import { findHubIdOf, type OperatorNamedTable } from '../store/operators/hub-lookup.ts';
import { UsageError } from './command.ts';

/** The hub with this slug or id. */
export async function findHubByName(db: Db, text: string): Promise<Hub> {
  const hub = await findHubBySlug(db, text);
  if (hub) return hub;
  throw new IhfError('not_found', `There is no hub '${text}'. Run 'ihf hubs list' to list all hubs.`);
}

/** The id of the hub that a list is limited to, if it is. */
export async function findHubFilter(db: Db, text: string | undefined): Promise<string | undefined> {
  return text === undefined ? undefined : (await findHubByName(db, text)).id;
}

/** The consumer with this id, or with this name where only one has it. */
export async function findConsumerByName(db: Db, text: string): Promise<Consumer> {
  const found = (await listConsumers(db, undefined)).filter(({ id, name }) => id === text || name === text);
  if (found.length === 1) return found[0] as Consumer;
  if (found.length > 1) throw new UsageError(`Several hubs have a consumer '${text}'. Use its id instead.`);
  throw new IhfError('not_found', `There is no consumer '${text}'. Run 'ihf consumers list' to list all consumers.`);
}

/** @param noun what has the id, such as `key`; `ihf keys list` lists them. */
export function parseId(text: string, noun: string): string {
  if (UUID.test(text)) return text.toLowerCase();
  throw new UsageError(`'${text}' is not a valid ${noun} id. Run 'ihf ${noun}s list' to list all ${noun}s.`);
}

const TABLES: Record<'key' | 'manifest', OperatorNamedTable> = {
  key: 'api_keys',
  manifest: 'hub_capability_manifests',
};

/** The hub of a key or a manifest, of which the command line has the id alone. */
export async function findHubOf(db: Db, noun: 'key' | 'manifest', id: string): Promise<string> {
  const hubId = await findHubIdOf(db, TABLES[noun], id);
  if (hubId !== undefined) return hubId;
  throw new IhfError('not_found', `There is no ${noun} ${id}. Run 'ihf ${noun}s list' to list all ${noun}s.`);
}

/** The options by which a command is given scopes: one of them is required, so that no default grants too much. */
export const SCOPE_OPTIONS = {
  scopes: { value: 'SCOPES', description: 'Scopes, separated by commas', otherwise: 'those of --preset' },
  preset: {
    value: 'PRESET',
    description: `Scopes, as a named set: ${SCOPE_PRESETS.map(({ name }) => name).join(', ')}`,
    choices: SCOPE_PRESETS.map(({ name }) => name),
    otherwise: 'those of --scopes',
  },
} as const;

/** @param grantable the scopes that a preset chooses from; all if left out. */
export async function parseScopes(
  db: Db,
  { scopes: text, preset: name }: { scopes: string | undefined; preset: string | undefined },
  grantable?: readonly string[],
): Promise<string[]> {
  const known = (await listScopes(db)).map((scope) => scope.name);
  const preset = SCOPE_PRESETS.find((each) => each.name === name);
  if ((text === undefined) === (preset === undefined)) {
    const presets = SCOPE_PRESETS.map((each) => `--preset ${each.name}`).join(', ');
    throw new UsageError(
      `Either --scopes or --preset is required. Use one of ${presets}, or list ${known.join(', ')}.`,
    );
  }
  if (preset) return scopesOfPreset(preset, grantable ?? known);
  const scopes = (text ?? '').split(',').map((scope) => scope.trim());
  const unknown = scopes.find((scope) => !known.includes(scope));
  if (unknown !== undefined) throw new UsageError(`Unknown scope '${unknown}'. Use any of ${known.join(', ')}.`);
  return scopes;
}

const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds of a duration such as 90s, 15m, 24h or 7d. */
export function parseDuration(text: string, option: string): number {
  if (text === '0') return 0;
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count === undefined) {
    throw new UsageError(`--${option} must be a duration such as 90s, 15m, 24h or 7d (got '${text}').`);
  }
  return Number(count) * (UNITS[unit] as number);
}

/** An ISO 8601 date or time, as a time in UTC. `name` is the argument or option, for the message. */
export function parseTime(text: string, name: string): string {
  const time = new Date(text);
  if (/^\d{4}-\d{2}/.test(text) && !Number.isNaN(time.getTime())) return time.toISOString();
  throw new UsageError(`${name} must be an ISO 8601 date or time such as 2027-03-31 (got '${text}').`);
}

/** A time to the minute, for a table. */
export function shortTime(time: string | null): string {
  return time === null ? '' : time.replace(/(T\d\d:\d\d).*$/, '$1Z');
}
