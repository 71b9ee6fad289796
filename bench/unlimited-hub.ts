// The hub with limits and log off: it looks who sent a request, in one statement for all that wait, and counts nothing.

import { Batcher } from '../server/batching/batcher.ts';
import type { Admission, PresentedCredential } from '../server/store/access/admissions.ts';
import { IDENTITIES, type Identity } from '../server/store/access/identities.ts';
import { serveWith } from './variant.ts';

type Row = Identity & { hash: string };

await serveWith(async (db) => {
  const identifyAll = async (presented: readonly PresentedCredential[]): Promise<(Admission | undefined)[]> => {
    const hashes = (kind: PresentedCredential['kind']) =>
      presented.filter((one) => one.kind === kind).map(({ hash }) => hash);
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
  const gatherer = new Batcher(identifyAll);
  return { admit: (presented) => gatherer.submit(presented) };
});
