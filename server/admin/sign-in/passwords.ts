import { hash, verify } from '@node-rs/argon2';
import { HashQueue } from './hash-queue.ts';
import { MAX_PASSWORD_LENGTH } from './password-rules.ts';

/** The second recommended option of RFC 9106, section 4, with one lane: about 0.1 s, off the event loop. */
const COST = { memoryCost: 65_536, timeCost: 3, parallelism: 1 };

/** One for the process: its threads and its memory are what it limits. */
const queue = new HashQueue();

export interface Hasher {
  /** An argon2id hash in the PHC format. */
  hash(password: string): Promise<string>;
  /** Whether the password matches the hash. Without a hash it takes as long and returns false. */
  matches(password: string, passwordHash: string | undefined): Promise<boolean>;
}

/**
 * Runs work that needs password hashes when its turn comes. There is no other way to compute one.
 * @param client the network of the client.
 * @throws IhfError too_many_requests if too many wait already; the work has not begun then.
 */
export function withHasher<T>(client: string, work: (hasher: Hasher) => Promise<T>): Promise<T> {
  return queue.run(client, () => work(HASHER));
}

const HASHER: Hasher = {
  hash: (password) => hash(normalize(password), COST),
  matches: async (password, passwordHash) => {
    if (password.length > MAX_PASSWORD_LENGTH) return false;
    const matches = await verify(passwordHash ?? (await dummyHash()), normalize(password));
    return matches && passwordHash !== undefined;
  },
};

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
