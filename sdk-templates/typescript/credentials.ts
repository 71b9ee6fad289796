// Only what stands between the two region lines is put into the rendered client.
import type { IhfClientOptions } from './options.ts';

//#region rendered
/** The hub's answer to a token request (RFC 6749, section 5.1). */
interface TokenAnswer {
  access_token: string;
  expires_in?: number;
}

/** A token is renewed so long before its end, or at half its life if it is shorter. */
const RENEWED_EARLY_S = 60;

/** What proves who calls. Nothing here is a public property, so that printing a client prints no secret. */
class Credentials {
  /** Of the API key, or of the client when it asks for a token. */
  readonly #own: string | undefined;
  readonly #fetchToken: ((authorization: string) => Promise<TokenAnswer>) | undefined;
  #held: { authorization: string; renewAt: number } | undefined;
  /** One for all calls: whoever comes while a token is fetched waits for that one. */
  #fetching: Promise<string> | undefined;

  constructor(
    { apiKey, clientId, clientSecret }: IhfClientOptions,
    fetchToken: (authorization: string) => Promise<TokenAnswer>,
  ) {
    if (apiKey !== undefined && (clientId ?? clientSecret) !== undefined) {
      throw new TypeError('give either apiKey or clientId and clientSecret, not both');
    }
    if ((clientId === undefined) !== (clientSecret === undefined)) {
      throw new TypeError('clientId and clientSecret go together');
    }
    if (apiKey !== undefined) this.#own = `Bearer ${printable('apiKey', apiKey)}`;
    if (clientId === undefined || clientSecret === undefined) return;
    const pair = [printable('clientId', clientId), printable('clientSecret', clientSecret)];
    this.#own = `Basic ${btoa(pair.map(encodeURIComponent).join(':'))}`;
    this.#fetchToken = fetchToken;
  }

  /** The Authorization header; undefined where there is nothing to prove. */
  authorization(): Promise<string> | string | undefined {
    if (!this.#fetchToken) return this.#own;
    if (this.#held && performance.now() < this.#held.renewAt) return this.#held.authorization;
    this.#fetching ??= this.#renew(this.#fetchToken).finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  /** Whether another token can take the place of one that was refused. */
  replace(refused: string | undefined): boolean {
    // Of many calls that were refused together, the first drops the token; it is not for the others to drop the next.
    if (this.#held?.authorization === refused) this.#held = undefined;
    return this.#fetchToken !== undefined;
  }

  async #renew(fetchToken: (authorization: string) => Promise<TokenAnswer>): Promise<string> {
    const asked = performance.now();
    const { access_token, expires_in = 0 } = await fetchToken(this.#own as string);
    const authorization = `Bearer ${access_token}`;
    this.#held = { authorization, renewAt: asked + (expires_in - Math.min(RENEWED_EARLY_S, expires_in / 2)) * 1000 };
    return authorization;
  }
}

/** A header takes no other characters, and what complains of one would quote it. */
function printable(name: string, secret: string): string {
  if (!/^[!-~]+$/.test(secret)) throw new TypeError(`${name} must be printable ASCII without spaces`);
  return secret;
}

//#endregion

export { Credentials, type TokenAnswer };
