// Compiles: the other snippets fail for the one thing that each does otherwise.
import type { Operations } from '../../generated/operations.ts';

export const hubs: Pick<Operations<unknown>, 'createHub'> = {
  async createHub({ body }) {
    const { slug, name, description = null } = body;
    const id = '01936f3e-7c1a-7b52-9c1e-5d0c8a3f1e11';
    return { status: 201, body: { id, slug, name, description, created_at: '2026-11-20T09:30:00.000Z' } };
  },
};
