import type { LiveContract } from '../../contract/live-contract.ts';
import type { Database } from '../../store/database/database.ts';
import type { SignedIn } from '../../store/operators/sessions.ts';
import type { Webhooks } from '../../webhooks/webhooks.ts';

/** The services that pages use. */
export interface AdminServices {
  database: Database;
  contract: LiveContract;
  webhooks: Pick<Webhooks, 'box' | 'guard' | 'notifyWorkers'>;
}

/** What a page uses to serve one request. */
export interface AdminContext extends AdminServices {
  /** The public URL of the server, without a trailing slash. */
  publicUrl: string;
}

/** A request for a page, independent of Express. */
export interface PageRequest {
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  form: URLSearchParams;
  /** The IP address of the client, or its IPv6 network. */
  ip: string;
  /** The session token from the cookie; a new one if the browser sent none. */
  cookie: string;
}

/** A request of an operator who is signed in. */
export interface OperatorPageRequest extends PageRequest {
  operator: SignedIn;
}

export interface Page {
  /** The path of its template below templates/, without the extension. */
  page: string;
  title: string;
  view: object;
  /** Default: 200. */
  status?: number;
}

/** `cookie: ''` deletes the session cookie. */
export interface Redirect {
  redirect: string;
  cookie?: string;
}

export type PageResponse = Page | Redirect;

export type OperatorPage = (request: OperatorPageRequest, context: AdminContext) => Promise<PageResponse>;
export type PublicPage = (request: PageRequest, context: AdminContext) => Promise<PageResponse>;
