// The server without authentication: every request belongs to the demo consumer.
import type { Identity } from '../server/store/access/identities.ts';
import { serveWithAuthenticator } from './server-variant.ts';

await serveWithAuthenticator(async (db) => {
  const [identity] = await db.query<Identity>(
    `select api_consumers.id as consumer_id, hub_id, api_keys.id as credential_id, 'key' as credential, key_prefix,
       null as invalid_reason, manifest_id, 'active' as manifest_status, array(select name from api_scopes) as granted,
       array(select name from api_scopes) as declared
     from api_consumers join api_keys using (hub_id) where consumer_id = api_consumers.id limit 1`,
  );
  if (!identity) throw new Error('The database has no consumer with a key');
  return { admit: async () => ({ identity, admitted: true, usage: undefined }) };
});
