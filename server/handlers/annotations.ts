import type { Operations } from '../../generated/operations.ts';
import { findAnnotation, insertAnnotation, listAnnotations, resolveAnnotation } from '../store/annotations.ts';
import { type Context, created, found, pageOf } from './context.ts';

export const annotations: Pick<
  Operations<Context>,
  'listAnnotations' | 'createAnnotation' | 'getAnnotation' | 'resolveAnnotation'
> = {
  async listAnnotations({ query }, { db }) {
    return { status: 200, body: await listAnnotations(db, pageOf(query)) };
  },
  async createAnnotation({ body }, { db }) {
    const annotation = await insertAnnotation(db, body);
    return created(annotation, `/api/v2/annotations/${annotation.id}`);
  },
  async getAnnotation({ params }, { db }) {
    const annotation = await findAnnotation(db, params.annotation_id);
    return { status: 200, body: found(annotation, `annotation ${params.annotation_id}`) };
  },
  async resolveAnnotation({ params, body }, { db }) {
    const annotation = await resolveAnnotation(db, params.annotation_id, body);
    return { status: 200, body: found(annotation, `annotation ${params.annotation_id}`) };
  },
};
