import type { Operations } from '../../generated/operations.ts';
import {
  findAnnotation,
  insertAnnotation,
  listAnnotations,
  resolveAnnotation,
} from '../store/interactions/annotations.ts';
import { type Context, callerHub, created, orNotFound, pageOf } from './context.ts';

export const annotations: Pick<
  Operations<Context>,
  'listAnnotations' | 'createAnnotation' | 'getAnnotation' | 'resolveAnnotation'
> = {
  async listAnnotations({ query }, context) {
    return { status: 200, body: await listAnnotations(context.db, callerHub(context), pageOf(query)) };
  },
  async createAnnotation({ body }, context) {
    const annotation = await insertAnnotation(context.db, callerHub(context), body);
    return created(annotation, `/api/v2/annotations/${annotation.id}`);
  },
  async getAnnotation({ params }, context) {
    const annotation = await findAnnotation(context.db, callerHub(context), params.annotation_id);
    return { status: 200, body: orNotFound(annotation, `annotation ${params.annotation_id}`) };
  },
  async resolveAnnotation({ params, body }, context) {
    const annotation = await resolveAnnotation(context.db, callerHub(context), params.annotation_id, body ?? {});
    return { status: 200, body: orNotFound(annotation, `annotation ${params.annotation_id}`) };
  },
};
