import { hash, verify } from '@node-rs/argon2';

/** The second recommendation of RFC 9106, section 4, on one lane: about a tenth of a second, off the event loop. */
const COST = { memoryCost: 65_536, timeCost: 3, parallelism: 1 };

/** Long passwords are fine; ones without an end are a way to keep a hub busy. */
export const LONGEST = 200;
export const SHORTEST = 12;

/** argon2id, in the PHC format. */
export function hashPassword(password: string): Promise<string> {
  return hash(normalise(password), COST);
}

/** Whether the password is the one behind the hash. Without a hash it takes as long, and is not. */
export async function checkPassword(passwordHash: string | undefined, password: string): Promise<boolean> {
  if (password.length > LONGEST) return false;
  const matches = await verify(passwordHash ?? (await nobodysHash()), normalise(password));
  return matches && passwordHash !== undefined;
}

let made: Promise<string> | undefined;

/** A hash to compare with where there is no such operator, so that the time taken tells nobody who there is. */
function nobodysHash(): Promise<string> {
  made ??= hashPassword('nobody');
  return made;
}

/** The same characters typed on two keyboards are the same password (RFC 8265, section 4.2). */
function normalise(password: string): string {
  return password.normalize('NFC');
}
