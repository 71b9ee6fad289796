import type { LiveContract } from '../contract/live-contract.ts';
import { IhfError } from '../errors.ts';
import { UUID } from '../patterns.ts';
import { asActor } from '../store/database/actor.ts';
import type { Database, Db } from '../store/database/database.ts';
import type { SignedIn } from '../store/operators/sessions.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';

/** The parts of the hub that the dashboard works with. */
export interface AdminContext {
  database: Database;
  contract: LiveContract;
  webhooks: Pick<Webhooks, 'box' | 'guard' | 'notifyWorkers'>;
  /** The address by which others reach this hub, without a slash at its end. */
  publicUrl(): string;
}

/** A request for a page, free of HTTP's machinery. */
export interface PageRequest {
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  form: URLSearchParams;
  /** From which the browser calls. */
  address: string;
  /** The cookie of the visit. */
  cookie: string;
}

/** A visit of somebody who is signed in. */
export interface OperatorPageRequest extends PageRequest {
  operator: SignedIn;
}

/** What a visit gets: a page, or another address to go to. */
export type PageResponse =
  | {
      /** The name of its template. */
      page: string;
      title: string;
      view: object;
      status?: number;
    }
  | { redirect: string; cookie?: string };

export type OperatorPage = (visit: OperatorPageRequest, desk: AdminContext) => Promise<PageResponse>;
export type PublicPage = (visit: PageRequest, desk: AdminContext) => Promise<PageResponse>;

/** Runs `work` in a transaction whose changes are recorded as this operator's. */
export function asOperator<T>(
  visit: OperatorPageRequest,
  desk: AdminContext,
  work: (db: Db) => Promise<T>,
): Promise<T> {
  return asActor(desk.database, actorOf(visit), work);
}

export function actorOf({ operator }: OperatorPageRequest): string {
  return `operator:${operator.name}`;
}

/** The id in the address; what cannot be one is not found, rather than asked for. */
export function idParam({ params }: PageRequest, name = 'id'): string {
  const { [name]: id = '' } = params;
  if (!UUID.test(id)) throw missing();
  return id.toLowerCase();
}

export function missing(what = 'page'): IhfError {
  return new IhfError('not_found', `There is no such ${what}.`);
}

/** What was found, or the answer that there is none. */
export function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw missing(what);
  return value;
}

/** What is wrong with what was sent, and in which field of the form, if it is in one. */
export interface FieldError {
  detail: string;
  field?: string | undefined;
}

/** What a refusal says to somebody who fills in a form; anything but a refusal is thrown on. */
export function fieldErrors(error: unknown): FieldError[] {
  if (!(error instanceof IhfError) || error.code === 'unavailable') throw error;
  if (error.failures.length === 0) return [{ detail: error.message }];
  return error.failures.map(({ detail, pointer }) => ({ detail, field: pointer?.replace('#/', '') }));
}
