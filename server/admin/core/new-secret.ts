import type { Page } from './page.ts';

export interface NewSecret {
  /** 'API key', 'client secret' or 'signing secret'. */
  kind: string;
  secret: string;
  /** The page to return to, and its name. */
  back: string;
  backTo: string;
  clientId?: string;
  publicKey?: string | null;
  /** True if the server stores the secret encrypted, since it signs with it; otherwise it stores a hash only. */
  isEncrypted?: boolean;
  /** A command that tries the secret out. */
  example?: string;
}

/** Shows a new secret. No other response contains it. */
export function newSecretPage(title: string, view: NewSecret): Page {
  return { page: 'new-secret', title, view };
}
