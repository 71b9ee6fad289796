import type { Operations } from '../../generated/operations.ts';
import { findAnnotation, insertAnnotation, listAnnotations, resolveAnnotation } from '../store/annotations.ts';
import { type Context, created, found, hubOf, pageOf } from './context.ts';

export const annotations: Pick<
  Operations<Context>,
  'listAnnotations' | 'createAnnotation' | 'getAnnotation' | 'resolveAnnotation'
> = {
  async listAnnotations({ query }, context) {
    return { status: 200, body: await listAnnotations(context.db, hubOf(context), pageOf(query)) };
  },
  async createAnnotation({ body }, context) {
    const annotation = await insertAnnotation(context.db, hubOf(context), body);
    return created(annotation, `/api/v2/annotations/${annotation.id}`);
  },
  async getAnnotation({ params }, context) {
    const annotation = await findAnnotation(context.db, hubOf(context), params.annotation_id);
    return { status: 200, body: found(annotation, `annotation ${params.annotation_id}`) };
  },
  async resolveAnnotation({ params, body }, context) {
    const annotation = await resolveAnnotation(context.db, hubOf(context), params.annotation_id, body);
    return { status: 200, body: found(annotation, `annotation ${params.annotation_id}`) };
  },
};
