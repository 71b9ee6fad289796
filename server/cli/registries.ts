import { IhfError } from '../errors.ts';
import { REGISTRY_VALUE_NAME } from '../patterns.ts';
import { readCurrentRevision } from '../store/contract/revisions.ts';
import {
  insertValue,
  listValues,
  REGISTRIES,
  type RegistryName,
  type RegistryValue,
  updateValue,
  type ValueChange,
} from '../store/registries/registry-values.ts';
import { type CliCommand, type CliContext, type CliInput, type CliResult, table, UsageError } from './command.ts';
import { parseTime } from './lookups.ts';

/** More than any registry has: the command line shows a registry whole. */
const ALL = 100_000;

const list: CliCommand = {
  summary: 'show the values of a registry',
  arguments: ['registry'],
  options: { status: 'only values in this state: active, deprecated or retired' },
  async run({ registry, status }, { database }) {
    const { data } = await listValues(database, registryOf(registry), { limit: ALL, status });
    const rows = data
      .reverse()
      .map(({ name, label, status, replaced_by, sunset_at }) => ({ name, label, status, replaced_by, sunset_at }));
    return { json: data, text: table(rows) };
  },
};

const add: CliCommand = {
  summary: 'add a value',
  arguments: ['registry', 'name'],
  options: { label: 'the word for people', description: 'what it means' },
  async run({ registry, name = '', label, description }, context) {
    if (!REGISTRY_VALUE_NAME.test(name))
      throw new UsageError(
        `'${name}' is no name. It has lower-case letters, digits and _, 63 at the most, and begins with a letter.`,
      );
    if (!label) throw new UsageError('--label is missing. It is the word for people, "Hovered" for example.');
    const value = await insertValue(
      context.database,
      registryOf(registry),
      { name, label, description },
      context.actor,
    );
    return changed(context, `${registry} has '${name}' now`, value);
  },
};

const describe: CliCommand = {
  summary: 'change the label or the description of a value',
  arguments: ['registry', 'name'],
  options: { label: 'the word for people', description: 'what it means' },
  async run(input, context) {
    if (input.label === undefined && input.description === undefined)
      throw new UsageError('--label or --description is missing.');
    return change(input, context, { label: input.label, description: input.description }, 'described anew');
  },
};

const deprecate: CliCommand = {
  summary: 'advise against a value; it may still be used',
  arguments: ['registry', 'name'],
  options: { 'replaced-by': 'the value to use instead', sunset: 'when it is to be retired, as in 2027-03-31' },
  async run(input, context) {
    return change(
      input,
      context,
      { status: 'deprecated', replaced_by: input['replaced-by'], sunset_at: parseTime(input.sunset, 'sunset') },
      'deprecated now',
    );
  },
};

const retire: CliCommand = {
  summary: 'refuse a value on write from now on; it is still read',
  arguments: ['registry', 'name'],
  options: { 'replaced-by': 'the value to use instead' },
  async run(input, context) {
    return change(input, context, { status: 'retired', replaced_by: input['replaced-by'] }, 'retired now');
  },
};

export const registries = { list, add, describe, deprecate, retire };

async function change(input: CliInput, context: CliContext, change: ValueChange, became: string): Promise<CliResult> {
  const { registry, name = '' } = input;
  const value = await updateValue(context.database, registryOf(registry), name, change, context.actor);
  if (!value)
    throw new IhfError('not_found', `${registry} has no value '${name}'. 'registries list ${registry}' shows them.`);
  return changed(context, `'${name}' of ${registry} is ${became}`, value);
}

async function changed({ database }: CliContext, what: string, value: RegistryValue): Promise<CliResult> {
  const { revision } = await readCurrentRevision(database);
  return { json: { ...value, contract_revision: revision }, text: `${what}: contract revision ${revision}.` };
}

function registryOf(name: string | undefined): RegistryName {
  const registry = REGISTRIES.find((known) => known === name);
  if (!registry) throw new UsageError(`There is no registry '${name}'. There are ${REGISTRIES.join(', ')}.`);
  return registry;
}
