import { IhfError } from '../../errors.ts';
import { REGISTRY_VALUE_NAME, REGISTRY_VALUE_NAME_RULE } from '../../patterns.ts';
import { readCurrentRevision } from '../../store/contract/revisions.ts';
import type { Database } from '../../store/database/database.ts';
import {
  findRegistry,
  listRegistries,
  listRegistryColumns,
  REGISTRIES,
  type RegistryName,
} from '../../store/registries/registries.ts';
import {
  insertValue,
  listValues,
  type RegistryValue,
  updateValue,
  type ValueChange,
} from '../../store/registries/registry-values.ts';
import { type CliResult, defineCommand, UsageError } from '../command.ts';
import { parseTime, shortTime } from '../lookups.ts';
import type { Session } from '../session.ts';
import { suggestion } from '../suggestion.ts';
import { table } from '../table.ts';

/** More than any registry has: the CLI does not page. */
const ALL = 100_000;

const REGISTRY = "Name of the registry: 'ihf registries list' lists them";
const VALUE = { registry: REGISTRY, name: 'Name of the value' } as const;
const LABEL = 'Display name of the value';
const DESCRIPTION = 'Meaning of the value; it becomes documentation in the contract and the SDKs';
const REPLACED_BY = { value: 'NAME', description: 'Value to use instead', otherwise: 'none' } as const;

const create = defineCommand({
  summary: 'Create a registry',
  arguments: { name: 'Name of the registry, a plural noun: lowercase letters, digits and underscores' },
  options: {
    label: { value: 'TEXT', description: "Display name of the registry, for example 'Currencies'", required: true },
    description: { value: 'TEXT', description: 'What its values are', otherwise: 'empty' },
  },
  examples: ["registries create currencies --label Currencies --description 'ISO 4217 currencies.'"],
  async run({ name, label, description }, session) {
    assertName(name);
    const database = await session.write();
    const value = await insertValue(database, REGISTRIES, { name, label, description }, session.actor);
    return withRevision(database, `Created the registry ${name}`, value);
  },
});

const show = defineCommand({
  summary: 'Show a registry, and the columns that hold its values',
  arguments: { registry: REGISTRY },
  options: {},
  examples: ['registries show event_types'],
  async run({ registry }, session) {
    const database = await session.read();
    const name = await registryNamed(database, registry);
    const found = (await listRegistries(database)).find((each) => each.name === name);
    const columns = (await listRegistryColumns(database, { registry: name })).map(
      ({ table, column }) => `${table}.${column}`,
    );
    return {
      json: { ...found, columns },
      text: table([{ ...found, columns: columns.join(', ') || 'none' }]),
    };
  },
});

const list = defineCommand({
  summary: 'List the registries, or the values of one',
  arguments: { registry: { description: `${REGISTRY}; without it, the registries are listed`, optional: true } },
  options: {
    status: {
      value: 'STATUS',
      description: 'List only values with this status',
      choices: ['active', 'deprecated', 'retired'],
      otherwise: 'all values',
    },
  },
  examples: ['registries list', 'registries list event_types', 'registries list event_types --status deprecated'],
  async run({ registry, status }, session) {
    const database = await session.read();
    if (registry === undefined) {
      if (status !== undefined) throw new UsageError('--status needs a registry, whose values it filters.');
      const data = await listRegistries(database);
      return { json: data, text: table(data.map(({ description: _, ...row }) => row)) };
    }
    const { data } = await listValues(database, await registryNamed(database, registry), { limit: ALL, status });
    const rows = data.reverse().map(({ name, label, status, replaced_by, sunset_at }) => ({
      ...{ name, label, status },
      'replaced by': replaced_by,
      sunset: shortTime(sunset_at),
    }));
    return { json: data, text: table(rows) };
  },
});

const add = defineCommand({
  summary: 'Add a value',
  arguments: { registry: REGISTRY, name: 'Name of the new value: lowercase letters, digits and underscores' },
  options: {
    label: { value: 'TEXT', description: `${LABEL}, for example 'Hovered'`, required: true },
    description: { value: 'TEXT', description: DESCRIPTION, otherwise: 'empty' },
  },
  examples: ["registries add event_types hovered --label Hovered --description 'The pointer rested on the widget.'"],
  async run({ registry, name, label, description }, session) {
    assertName(name);
    const added = { name, label, description };
    const database = await session.write();
    const value = await insertValue(database, await registryNamed(database, registry), added, session.actor);
    return withRevision(database, `Added '${name}' to ${registry}`, value);
  },
});

const describe = defineCommand({
  summary: 'Change the label or the description of a value',
  arguments: VALUE,
  options: {
    label: { value: 'TEXT', description: LABEL, otherwise: 'unchanged' },
    description: { value: 'TEXT', description: DESCRIPTION, otherwise: 'unchanged' },
  },
  examples: ["registries describe event_types hovered --label 'Hovered over'"],
  async run({ registry, name, label, description }, session) {
    if (label === undefined && description === undefined) {
      throw new UsageError('--label or --description is required.');
    }
    return update(session, { registry, name }, { label, description }, 'Changed');
  },
});

const deprecate = defineCommand({
  summary: 'Deprecate a value (still accepted in requests)',
  arguments: VALUE,
  options: {
    'replaced-by': REPLACED_BY,
    sunset: { value: 'DATE', description: 'ISO 8601 date or time when it will be retired', otherwise: 'none' },
  },
  examples: ['registries deprecate event_types tapped --replaced-by clicked --sunset 2027-03-31'],
  async run({ registry, name, sunset, ...input }, session) {
    const sunset_at = sunset === undefined ? undefined : parseTime(sunset, '--sunset');
    const change = { status: 'deprecated', replaced_by: input['replaced-by'], sunset_at } as const;
    return update(session, { registry, name }, change, 'Deprecated');
  },
});

const retire = defineCommand({
  summary: 'Retire a value (rejected in requests, still returned in responses)',
  arguments: VALUE,
  options: { 'replaced-by': REPLACED_BY },
  examples: ['registries retire event_types tapped --replaced-by clicked'],
  async run({ registry, name, ...input }, session) {
    return update(session, { registry, name }, { status: 'retired', replaced_by: input['replaced-by'] }, 'Retired');
  },
});

export const registries = {
  summary: 'Manage the registries and their values',
  commands: { list, show, create, add, describe, deprecate, retire },
};

interface ValueReference {
  registry: string;
  name: string;
}

async function update(
  session: Session,
  { registry, name }: ValueReference,
  change: ValueChange,
  done: string,
): Promise<CliResult> {
  const database = await session.write();
  const value = await updateValue(database, await registryNamed(database, registry), name, change, session.actor);
  if (value) return withRevision(database, `${done} '${name}' in ${registry}`, value);
  throw new IhfError(
    'not_found',
    `There is no value '${name}' in ${registry}. Run 'ihf registries list ${registry}' to list all values.`,
  );
}

async function withRevision(database: Database, done: string, value: RegistryValue): Promise<CliResult> {
  const { revision } = await readCurrentRevision(database);
  return { json: { ...value, contract_revision: revision }, text: `${done}; contract revision ${revision}.` };
}

async function registryNamed(database: Database, name: string): Promise<RegistryName> {
  const registry = await findRegistry(database, name);
  if (registry) return registry.name;
  const names = (await listRegistries(database)).map((known) => known.name);
  throw new UsageError(`Unknown registry '${name}'.${suggestion(name, names)} Use one of ${names.join(', ')}.`);
}

function assertName(name: string): void {
  if (REGISTRY_VALUE_NAME.test(name)) return;
  throw new UsageError(`'${name}' is not a valid name. ${REGISTRY_VALUE_NAME_RULE}`);
}
