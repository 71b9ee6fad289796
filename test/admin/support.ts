import assert from 'node:assert/strict';
import pg from 'pg';
import { invitation } from '../../server/operator-invitations.ts';
import type { TestServer } from '../support/server.ts';

export const PASSWORD = 'correct horse battery staple';

export interface PageSeen {
  status: number;
  /** The `Location` header. */
  location: string;
  html: string;
  headers: Headers;
}

/** A browser without JavaScript: it stores the cookie and submits forms with the token of the last page. */
export class Visitor {
  readonly url: string;
  cookie = '';
  token = '';

  constructor(url: string) {
    this.url = url;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<PageSeen> {
    return this.#send(path, { headers });
  }

  post(
    path: string,
    fields: Record<string, string> | string[][],
    headers: Record<string, string> = {},
  ): Promise<PageSeen> {
    const body = new URLSearchParams(fields as Record<string, string>);
    if (!body.has('token')) body.append('token', this.token);
    return this.#send(path, { method: 'POST', body, headers: { Origin: this.url, ...headers } });
  }

  async #send(path: string, init: RequestInit & { headers: Record<string, string> }): Promise<PageSeen> {
    const headers = { ...(this.cookie && { Cookie: this.cookie }), ...init.headers };
    const response = await fetch(this.url + path, { ...init, headers, redirect: 'manual' });
    const set = response.headers.getSetCookie()[0];
    if (set) this.cookie = set.split(';')[0] ?? '';
    const html = await response.text();
    this.token = /name="token" value="([^"]+)"/.exec(html)?.[1] ?? this.token;
    return {
      status: response.status,
      location: response.headers.get('location') ?? '',
      html,
      headers: response.headers,
    };
  }
}

/** An operator who accepted an invitation and is signed in. */
export async function signedIn(server: TestServer, name = 'ada'): Promise<Visitor> {
  const visitor = new Visitor(server.url);
  const link = new URL(await invitation(server.database, server.url, name, 'test'));
  await visitor.get(link.pathname + link.search);
  const fields = { link: link.searchParams.get('link') ?? '', password: PASSWORD, confirmation: PASSWORD };
  const joined = await visitor.post('/admin/join', fields);
  assert.equal(joined.status, 303, joined.html);
  await visitor.get('/admin/consumers');
  return visitor;
}

/** Runs a statement as the owner of the database. */
export async function sql<Row extends object>(
  server: TestServer,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client(server.databaseUrl);
  await client.connect();
  const { rows } = await client.query<Row>(text, values).finally(() => client.end());
  return rows;
}
