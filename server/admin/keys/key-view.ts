import type { ApiKey } from '../../store/access/api-keys.ts';
import { type Badge, moment } from '../core/format.ts';

function keyBadge({ revoked_at, expires_at }: ApiKey): Badge {
  if (revoked_at) return { text: 'revoked', tone: '' };
  if (expires_at !== null && Date.parse(expires_at) <= Date.now()) return { text: 'expired', tone: '' };
  return { text: 'active', tone: expires_at === null ? 'good' : 'warn' };
}

/** Whether the key is neither revoked nor expired. */
export function isActive(key: ApiKey): boolean {
  return keyBadge(key).text === 'active';
}

export function keyView(key: ApiKey) {
  return {
    id: key.id,
    prefix: key.key_prefix,
    name: key.name,
    scopes: key.scopes,
    badge: keyBadge(key),
    isActive: isActive(key),
    isReplaced: key.replaced_by !== null,
    created: moment(key.created_at),
    expires: moment(key.expires_at),
    used: moment(key.last_used_at),
  };
}
