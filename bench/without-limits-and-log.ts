// The server without limits and request log. It authenticates in batches, as the server does, but counts nothing.

import { Batcher } from '../server/batching/batcher.ts';
import type { Admission, PresentedCredential } from '../server/store/access/admissions.ts';
import { IDENTITIES, type Identity } from '../server/store/access/identities.ts';
import { serveWithAuthenticator } from './server-variant.ts';

type Row = Identity & { hash: string };

await serveWithAuthenticator(async (db) => {
  const identifyAll = async (presented: readonly PresentedCredential[]): Promise<(Admission | undefined)[]> => {
    const hashes = (kind: PresentedCredential['kind']) =>
      presented.filter((credential) => credential.kind === kind).map(({ hash }) => hash);
    const rows = await db.query<Row>(
      `with ${IDENTITIES} select encode(hash, 'base64') as hash, consumer_id, hub_id, credential_id, credential,
         key_prefix, invalid_reason, granted, manifest_id, manifest_status, declared from identity`,
      [hashes('key'), hashes('token')],
      'identify',
    );
    const byHash = new Map(rows.map((row) => [row.hash, row]));
    return presented.map(({ hash }) => {
      const identity = byHash.get(hash.toString('base64'));
      return identity && { identity, admitted: true, usage: undefined };
    });
  };
  const batcher = new Batcher(identifyAll);
  return { admit: (presented) => batcher.submit(presented) };
});
