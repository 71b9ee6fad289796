import type { Document } from '../../codegen/document.ts';
import type { Operations } from '../../generated/operations.ts';
import type { Db } from '../store/database/database.ts';
import { findRegistry, listRegistries, REGISTRIES, type RegistryName } from '../store/registries/registries.ts';
import { findValue, insertValue, listValues, updateValue } from '../store/registries/registry-values.ts';
import { type Context, created, orNotFound, pageOf } from './context.ts';

export const registries: Pick<
  Operations<Context>,
  | 'listRegistries'
  | 'createRegistry'
  | 'listRegistryValues'
  | 'addRegistryValue'
  | 'getRegistryValue'
  | 'updateRegistryValue'
> = {
  async listRegistries(_, { db, contract }) {
    const data = (await listRegistries(db)).map((registry) => ({
      ...registry,
      schema: requestSchema(contract.authored, registry.name),
    }));
    return { status: 200, body: { data } };
  },
  async createRegistry({ body }, { db, contract, actor }) {
    const { name, label, description } = await insertValue(db, REGISTRIES, body, actor);
    const counts = { active: 0, deprecated: 0, retired: 0 };
    const schema = requestSchema(contract.authored, name);
    return created({ name, label, description, schema, ...counts }, `/api/v2/registries/${name}/values`);
  },
  async listRegistryValues({ params, query }, { db }) {
    return { status: 200, body: await listValues(db, await registryOf(db, params.registry), pageOf(query)) };
  },
  async addRegistryValue({ params, body }, { db, actor }) {
    const value = await insertValue(db, await registryOf(db, params.registry), body, actor);
    return created(value, `/api/v2/registries/${params.registry}/values/${value.name}`);
  },
  async getRegistryValue({ params }, { db }) {
    const value = await findValue(db, await registryOf(db, params.registry), params.value_name);
    return { status: 200, body: orNotFound(value, `value '${params.value_name}' of ${params.registry}`) };
  },
  async updateRegistryValue({ params, body }, { db, actor }) {
    const value = await updateValue(db, await registryOf(db, params.registry), params.value_name, body, actor);
    return { status: 200, body: orNotFound(value, `value '${params.value_name}' of ${params.registry}`) };
  },
};

async function registryOf(db: Db, name: string): Promise<RegistryName> {
  return orNotFound(await findRegistry(db, name), `registry '${name}'`).name;
}

/** The name of the schema with the values of a registry that requests may use; null if the contract does not use it. */
function requestSchema({ components }: Document, registry: string): string | null {
  const schemas = Object.entries(components.schemas);
  const found = schemas.find(([, schema]) => schema['x-ihf-registry'] === registry && !schema['x-ihf-open']);
  return found?.[0] ?? null;
}
