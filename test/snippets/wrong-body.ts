import type { Operations } from '../../generated/operations.ts';

export const registries: Pick<Operations<unknown>, 'addRegistryValue'> = {
  async addRegistryValue({ body }) {
    const { name, label, description = '' } = body;
    const life = { status: 'active', replaced_by: null, sunset_at: null } as const;
    const now = '2026-11-20T09:30:00.000Z';
    return { status: 201, body: { name: 4711, label, description, ...life, created_at: now, updated_at: now } };
  },
};
