import type { Operations } from '../../generated/operations.ts';
import {
  countValues,
  findValue,
  insertValue,
  listValues,
  type RegistryName,
  updateValue,
} from '../store/registries/registry-values.ts';
import { type Context, created, orNotFound, pageOf } from './context.ts';

/** The closed schema that each registry fills. */
const SCHEMAS: Record<RegistryName, string> = {
  annotation_categories: 'AnnotationCategory',
  event_types: 'EventType',
  widget_types: 'WidgetType',
};

export const registries: Pick<
  Operations<Context>,
  'listRegistries' | 'listRegistryValues' | 'addRegistryValue' | 'getRegistryValue' | 'updateRegistryValue'
> = {
  async listRegistries(_, { db }) {
    const counts = await countValues(db);
    return { status: 200, body: { data: counts.map((count) => ({ ...count, schema: SCHEMAS[count.name] })) } };
  },
  async listRegistryValues({ params, query }, { db }) {
    return { status: 200, body: await listValues(db, params.registry, pageOf(query)) };
  },
  async addRegistryValue({ params, body }, { db, actor }) {
    const value = await insertValue(db, params.registry, body, actor);
    return created(value, `/api/v2/registries/${params.registry}/values/${value.name}`);
  },
  async getRegistryValue({ params }, { db }) {
    const value = await findValue(db, params.registry, params.value_name);
    return { status: 200, body: orNotFound(value, `value '${params.value_name}' of ${params.registry}`) };
  },
  async updateRegistryValue({ params, body }, { db, actor }) {
    const value = await updateValue(db, params.registry, params.value_name, body, actor);
    return { status: 200, body: orNotFound(value, `value '${params.value_name}' of ${params.registry}`) };
  },
};
