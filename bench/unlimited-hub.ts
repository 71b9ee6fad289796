// The hub with limits and log off: it looks who sent a request, in one statement for all that wait, and counts nothing.
import type { Admission, Presented } from '../server/store/admissions.ts';
import { Gatherer } from '../server/store/gatherer.ts';
import { IDENTITIES, type Identity } from '../server/store/identities.ts';
import { serveWith } from './variant.ts';

type Row = Identity & { hash: string };

await serveWith(async (db) => {
  const identifyAll = async (presented: readonly Presented[]): Promise<(Admission | undefined)[]> => {
    const hashes = (kind: Presented['kind']) => presented.filter((one) => one.kind === kind).map(({ hash }) => hash);
    const rows = await db.query<Row>(
      `with ${IDENTITIES} select encode(hash, 'base64') as hash, consumer_id, hub_id, credential_id, credential,
         key_prefix, refused, granted, manifest_id, manifest_status, declared from identity`,
      [hashes('key'), hashes('token')],
      'identify',
    );
    const byHash = new Map(rows.map((row) => [row.hash, row]));
    return presented.map(({ hash }) => {
      const identity = byHash.get(hash.toString('base64'));
      return identity && { identity, admitted: true, usage: undefined };
    });
  };
  const gatherer = new Gatherer(identifyAll);
  return { enter: (presented) => gatherer.submit(presented) };
});
