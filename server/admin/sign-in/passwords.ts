import { hash, verify } from '@node-rs/argon2';

/** The second recommended option of RFC 9106, section 4, with one lane: about 0.1 s, off the event loop. */
const COST = { memoryCost: 65_536, timeCost: 3, parallelism: 1 };

export const MIN_PASSWORD_LENGTH = 12;
/** Hashing a password of unlimited length would let anyone occupy the server. */
export const MAX_PASSWORD_LENGTH = 200;

/** An argon2id hash in the PHC format. */
export function hashPassword(password: string): Promise<string> {
  return hash(normalize(password), COST);
}

/** Whether the password matches the hash. Without a hash it takes as long and returns false. */
export async function checkPassword(passwordHash: string | undefined, password: string): Promise<boolean> {
  if (password.length > MAX_PASSWORD_LENGTH) return false;
  const matches = await verify(passwordHash ?? (await dummyHash()), normalize(password));
  return matches && passwordHash !== undefined;
}

let dummy: Promise<string> | undefined;

/** Stands in for the hash of an unknown operator, so that the response time does not reveal which names exist. */
function dummyHash(): Promise<string> {
  dummy ??= hashPassword('dummy');
  return dummy;
}

/** Different encodings of the same characters are the same password (RFC 8265, section 4.2). */
function normalize(password: string): string {
  return password.normalize('NFC');
}
