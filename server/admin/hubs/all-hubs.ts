import type { Db } from '../../store/database/database.ts';
import { type Hub, listHubs } from '../../store/interactions/hubs.ts';

/** More hubs than any installation has. */
const MAX_HUBS = 10_000;

export async function allHubs(database: Db): Promise<Hub[]> {
  return (await listHubs(database, { limit: MAX_HUBS })).data;
}

export function slugOf(hubs: readonly Hub[], id: string): string | undefined {
  return hubs.find((hub) => hub.id === id)?.slug;
}

/** The hubs as the options of a field. */
export function hubOptions(hubs: readonly Hub[], chosen: string | null) {
  return hubs.map(({ id, slug }) => ({ id, slug, isChosen: id === chosen }));
}
