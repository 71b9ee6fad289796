import type { Operations } from '../../generated/operations.ts';

export const hubs: Pick<Operations<unknown>, 'getHub'> = {
  async getHub({ params }) {
    throw new Error(`There is no hub ${params.hubId}.`);
  },
};
