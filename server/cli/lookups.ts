import { IhfError } from '../errors.ts';
import { UUID } from '../patterns.ts';
import { type Consumer, listConsumers, listScopes } from '../store/access/consumers.ts';
import type { Db } from '../store/database/database.ts';
import { findHubBySlug, type Hub } from '../store/interactions/hubs.ts';
import { UsageError } from './command.ts';

/** The hub with this slug or id. */
export async function findHubByName(db: Db, text: string | undefined): Promise<Hub> {
  const hub = text ? await findHubBySlug(db, text) : undefined;
  if (hub) return hub;
  throw new IhfError('not_found', `There is no hub '${text ?? ''}'. 'ihf hubs list' shows them; name one with --hub.`);
}

/** The consumer with this id, or with this name where only one has it. */
export async function findConsumerByName(db: Db, text: string | undefined): Promise<Consumer> {
  const found = (await listConsumers(db, undefined)).filter(({ id, name }) => id === text || name === text);
  if (found.length === 1) return found[0] as Consumer;
  if (found.length > 1) throw new UsageError(`Several hubs have a consumer '${text}'. Name it by its id.`);
  throw new IhfError('not_found', `There is no consumer '${text ?? ''}'. 'ihf consumers list' shows them.`);
}

export function parseId(text: string | undefined, what: string): string {
  if (text && UUID.test(text)) return text.toLowerCase();
  throw new UsageError(`'${text ?? ''}' is no id of a ${what}. 'ihf ${what}s list' shows them.`);
}

/** The scopes of a list with commas, or all of them. */
export async function parseScopes(db: Db, text: string | undefined): Promise<string[]> {
  const known = (await listScopes(db)).map(({ name }) => name);
  if (text === undefined || text === 'all') return known;
  const scopes = text.split(',').map((scope) => scope.trim());
  const unknown = scopes.find((scope) => !known.includes(scope));
  if (unknown !== undefined) throw new UsageError(`There is no scope '${unknown}'. There are ${known.join(', ')}.`);
  return scopes;
}

const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds of a length such as 90s, 15m, 24h or 7d. */
export function parseDuration(text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count === undefined) throw new UsageError(`'${text}' is no length of time. It looks like 90s, 15m, 24h or 7d.`);
  return Number(count) * (UNITS[unit] as number);
}

/** A moment, given as a date or a time in ISO 8601. */
export function parseTime(text: string | undefined, option: string): string | undefined {
  if (text === undefined) return undefined;
  const time = new Date(text);
  if (!Number.isNaN(time.getTime())) return time.toISOString();
  throw new UsageError(`--${option} is '${text}'. It is a date such as 2027-03-31, or a time in ISO 8601.`);
}
