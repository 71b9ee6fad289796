import type { ManifestStatus } from '../../store/access/identities.ts';
import type { Badge } from '../core/format.ts';

const TONES: Record<ManifestStatus, Badge['tone']> = { draft: '', active: 'good', suspended: 'warn', retired: '' };

export function manifestBadge(status: ManifestStatus): Badge {
  return { text: status, tone: TONES[status] };
}
