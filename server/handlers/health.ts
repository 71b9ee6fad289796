import type { Operations } from '../../generated/operations.ts';
import { IhfError } from '../errors.ts';
import type { Context } from './context.ts';

export const health: Pick<Operations<Context>, 'getLiveness' | 'getReadiness'> = {
  async getLiveness() {
    return { status: 200, body: { status: 'ok' } };
  },
  async getReadiness(_, { contract, isStopping }) {
    if (isStopping()) throw new IhfError('unavailable', 'This node is about to stop. Use another node.');
    await contract.catchUp();
    if (!contract.listening)
      throw new IhfError('unavailable', 'This node receives no registry changes at the moment. Retry in 1 s.');
    return { status: 200, body: { status: 'ok' } };
  },
};
