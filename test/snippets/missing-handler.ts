import type { Operations } from '../../generated/operations.ts';

declare const allButOne: Omit<Operations<unknown>, 'resolveAnnotation'>;

export const handlers: Operations<unknown> = { ...allButOne };
