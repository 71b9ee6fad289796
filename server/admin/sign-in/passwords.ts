import { hash, verify } from '@node-rs/argon2';
import { HashQueue } from './hash-queue.ts';
import { MAX_PASSWORD_LENGTH } from './password-rules.ts';

/** The second recommended option of RFC 9106, section 4, with one lane: about 0.1 s, off the event loop. */
const COST = { memoryCost: 65_536, timeCost: 3, parallelism: 1 };

/** One for the process: its threads and its memory are what it limits. */
const queue = new HashQueue();

/**
 * An argon2id hash in the PHC format.
 * @param client the network of the client.
 * @throws IhfError too_many_requests if too many hashes wait already.
 */
export function hashPassword(password: string, client: string): Promise<string> {
  return queue.run(client, () => hash(normalize(password), COST));
}

/**
 * Whether the password matches the hash. Without a hash it takes as long and returns false.
 * @param client the network of the client.
 * @throws IhfError too_many_requests if too many hashes wait already.
 */
export async function checkPassword(
  passwordHash: string | undefined,
  password: string,
  client: string,
): Promise<boolean> {
  if (password.length > MAX_PASSWORD_LENGTH) return false;
  return queue.run(client, async () => {
    const matches = await verify(passwordHash ?? (await dummyHash()), normalize(password));
    return matches && passwordHash !== undefined;
  });
}

let dummy: Promise<string> | undefined;

/** Stands in for the hash of an unknown operator, so that the response time does not reveal which names exist. */
function dummyHash(): Promise<string> {
  dummy ??= hash('dummy', COST);
  return dummy;
}

/** Different encodings of the same characters are the same password (RFC 8265, section 4.2). */
function normalize(password: string): string {
  return password.normalize('NFC');
}
