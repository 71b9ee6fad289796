/** A named set of scopes, offered wherever scopes are granted. */
export interface ScopePreset {
  name: 'reporting' | 'read-only' | 'full';
  description: string;
  includes(scope: string): boolean;
}

export const SCOPE_PRESETS: readonly ScopePreset[] = [
  {
    name: 'reporting',
    description: 'Report interaction events. Reads nothing: for browsers and other clients that anyone can inspect.',
    includes: (scope) => scope === 'hub:interactions:write',
  },
  {
    name: 'read-only',
    description: 'Read all data of the hub, the registries and the webhook subscriptions.',
    includes: (scope) => scope.endsWith(':read'),
  },
  { name: 'full', description: 'Every scope.', includes: () => true },
];

/** The scopes of a preset out of those that can be granted. */
export function scopesOfPreset({ includes }: ScopePreset, scopes: readonly string[]): string[] {
  return scopes.filter(includes);
}
