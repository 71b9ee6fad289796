import { IhfError } from '../../errors.ts';
import { REGISTRY_VALUE_NAME, REGISTRY_VALUE_NAME_RULE } from '../../patterns.ts';
import { readCurrentRevision } from '../../store/contract/revisions.ts';
import type { Database } from '../../store/database/database.ts';
import {
  insertValue,
  listValues,
  REGISTRIES,
  type RegistryName,
  type RegistryValue,
  updateValue,
  type ValueChange,
} from '../../store/registries/registry-values.ts';
import { type CliResult, defineCommand, UsageError } from '../command.ts';
import { parseTime, shortTime } from '../lookups.ts';
import type { Session } from '../session.ts';
import { table } from '../table.ts';

/** More than any registry has: the CLI does not page. */
const ALL = 100_000;

const REGISTRY = `Name of the registry: ${REGISTRIES.join(', ')}`;
const VALUE = { registry: REGISTRY, name: 'Name of the value' } as const;
const LABEL = 'Display name of the value';
const DESCRIPTION = 'Meaning of the value; it becomes documentation in the contract and the SDKs';
const REPLACED_BY = { value: 'NAME', description: 'Value to use instead', otherwise: 'none' } as const;

const list = defineCommand({
  summary: 'List the values of a registry',
  arguments: { registry: REGISTRY },
  options: {
    status: {
      value: 'STATUS',
      description: 'List only values with this status',
      choices: ['active', 'deprecated', 'retired'],
      otherwise: 'all values',
    },
  },
  examples: ['registries list event_types', 'registries list event_types --status deprecated'],
  async run({ registry, status }, session) {
    const name = parseRegistry(registry);
    const { data } = await listValues(await session.read(), name, { limit: ALL, status });
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
    if (!REGISTRY_VALUE_NAME.test(name)) {
      throw new UsageError(`'${name}' is not a valid name. ${REGISTRY_VALUE_NAME_RULE}`);
    }
    const added = { name, label, description };
    const database = await session.write();
    const value = await insertValue(database, parseRegistry(registry), added, session.actor);
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
  summary: 'Manage the registries of allowed values',
  commands: { list, add, describe, deprecate, retire },
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
  const value = await updateValue(database, parseRegistry(registry), name, change, session.actor);
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

function parseRegistry(name: string): RegistryName {
  const registry = REGISTRIES.find((known) => known === name);
  if (registry) return registry;
  throw new UsageError(`Unknown registry '${name}'. Use one of ${REGISTRIES.join(', ')}.`);
}
