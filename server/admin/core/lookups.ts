import { IhfError } from '../../errors.ts';
import { UUID } from '../../patterns.ts';
import type { PageRequest } from './page.ts';

/**
 * The id in the path.
 * @throws IhfError not_found if it is not a UUID, so that Postgres is not asked for it.
 */
export function idParam({ params }: PageRequest, name = 'id'): string {
  const { [name]: id = '' } = params;
  if (!UUID.test(id)) throw notFound();
  return id.toLowerCase();
}

export function notFound(what = 'page'): IhfError {
  return new IhfError('not_found', `This ${what} does not exist.`);
}

/** @throws IhfError not_found if there is no value. */
export function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw notFound(what);
  return value;
}
