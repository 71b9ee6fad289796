import type { Db } from './database.ts';
import { Gatherer } from './gatherer.ts';
import { findIdentities, type Identity } from './identities.ts';

interface Presented {
  kind: 'key' | 'token';
  hash: Buffer;
}

/**
 * Looks up whom credentials stand for, in one statement for all requests that wait. Nothing is kept: what was revoked
 * or suspended a moment ago is so for the next request, on every node.
 */
export class IdentityReader {
  readonly #gatherer: Gatherer<Presented, Identity | undefined>;

  constructor(db: Db) {
    this.#gatherer = new Gatherer(async (presented) => {
      const hashes = (kind: Presented['kind']) => presented.filter((one) => one.kind === kind).map(({ hash }) => hash);
      const found = await findIdentities(db, hashes('key'), hashes('token'));
      return presented.map(({ hash }) => found.get(hash.toString('base64')));
    });
  }

  /** @throws HubError unavailable if the database does not answer. */
  read(presented: Presented): Promise<Identity | undefined> {
    return this.#gatherer.submit(presented);
  }
}
