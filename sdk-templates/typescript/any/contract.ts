// The parts of the contract that the runtime uses, so that it can be type-checked on its own.
// In the rendered client the real ones replace these.

export const SECURITY: readonly (readonly string[])[] = [['key'], ['bearer']];

export const SECURITY_SCHEMES: Readonly<Record<string, SecurityScheme>> = {};

export type SecurityScheme =
  | { type: 'apiKey'; in: 'header' | 'query' | 'cookie'; name: string }
  | { type: 'bearer' }
  | { type: 'basic' }
  | { type: 'oauth2'; tokenUrl?: string; scopes?: string };

export interface ClientCredentials {
  [scheme: string]: unknown;
}
