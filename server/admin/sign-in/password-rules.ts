import type { ZxcvbnFactory } from '@zxcvbn-ts/core';
import type { FieldError } from '../forms/form-page.ts';

export const MIN_PASSWORD_LENGTH = 12;
/** Hashing a password of unlimited length would let anyone occupy the server. */
export const MAX_PASSWORD_LENGTH = 200;

/** Only the start is estimated: the estimate runs on the event loop, and its time grows with the length. */
const ESTIMATED_LENGTH = 40;
/** Below it an attacker guesses the password with fewer than 10⁸ attempts, according to the library. */
const MIN_SCORE = 3;
/** Attackers try the name of the product too. */
const PRODUCT_WORDS = ['ihf', 'hub', 'ihfhub'];

/** The rule that a new password breaks; undefined if it breaks none. */
export async function passwordError(
  operatorName: string,
  password: string,
  confirmation: string,
): Promise<FieldError | undefined> {
  const field = 'password';
  if (password.length < MIN_PASSWORD_LENGTH) {
    return { field, detail: `Password must be at least ${MIN_PASSWORD_LENGTH} characters long.` };
  }
  if (password.length > MAX_PASSWORD_LENGTH) {
    return { field, detail: `Password must be at most ${MAX_PASSWORD_LENGTH} characters long.` };
  }
  if (password !== confirmation) return { field: 'confirmation', detail: 'The passwords do not match.' };
  if (await isEasyToGuess(operatorName, password)) {
    const rule = 'Password must not be common or easy to guess.';
    return { field, detail: `${rule} Use four or more unrelated words, or a password manager.` };
  }
  return undefined;
}

async function isEasyToGuess(operatorName: string, password: string): Promise<boolean> {
  const estimator = await loadEstimator();
  return estimator.check(password.slice(0, ESTIMATED_LENGTH), [operatorName, ...PRODUCT_WORDS]).score < MIN_SCORE;
}

let loading: Promise<ZxcvbnFactory> | undefined;

/** Loaded at the first use: the lists take 23 MB, and most nodes never see a new password. */
function loadEstimator(): Promise<ZxcvbnFactory> {
  loading ??= Promise.all([import('@zxcvbn-ts/core'), import('@zxcvbn-ts/language-common')]).then(
    ([{ ZxcvbnFactory }, { dictionary, adjacencyGraphs }]) =>
      new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs }),
  );
  return loading;
}
