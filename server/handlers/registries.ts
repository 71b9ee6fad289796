import type { Document } from '../../codegen/document.ts';
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

export const registries: Pick<
  Operations<Context>,
  'listRegistries' | 'listRegistryValues' | 'addRegistryValue' | 'getRegistryValue' | 'updateRegistryValue'
> = {
  async listRegistries(_, { db, contract }) {
    const data = (await countValues(db)).map((count) => ({
      ...count,
      schema: requestSchema(contract.authored, count.name),
    }));
    return { status: 200, body: { data } };
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

/** The name of the schema with the values of a registry that requests may use. */
function requestSchema({ components }: Document, registry: RegistryName): string {
  const schemas = Object.entries(components.schemas);
  const found = schemas.find(([, schema]) => schema['x-ihf-registry'] === registry && !schema['x-ihf-open']);
  if (!found) throw new Error(`openapi.yaml has no schema with x-ihf-registry: ${registry}`);
  return found[0];
}
