import { readConfig } from '../config.ts';
import { IhfError } from '../errors.ts';
import { invitation } from '../operator-invitations.ts';
import { OPERATOR_NAME } from '../patterns.ts';
import { listOperators, setOperatorDisabled } from '../store/operators/operators.ts';
import { type CliCommand, table, UsageError } from './command.ts';

const list: CliCommand = {
  summary: 'show who may use the dashboard',
  arguments: [],
  options: {},
  async run(_, { database }) {
    const operators = await listOperators(database);
    const rows = operators.map(({ name, password_set_at, disabled_at }) => ({
      name,
      state: disabled_at ? 'disabled' : password_set_at ? 'enabled' : 'invited',
      'password set': password_set_at,
    }));
    return { json: operators, text: table(rows) };
  },
};

const invite: CliCommand = {
  summary: 'make a one-time link to choose a password: for somebody new, or who has lost it',
  arguments: ['name'],
  options: { url: 'the address of the hub; IHF_PUBLIC_URL if left out' },
  async run({ name = '', url }, { database, actor }) {
    if (!OPERATOR_NAME.test(name)) {
      throw new UsageError(`'${name}' is no name. It has lower-case letters, digits, '.', '_' and -, 63 at the most.`);
    }
    const config = readConfig(process.env);
    const address = (url ?? config.publicUrl ?? `http://${config.host}:${config.port}`).replace(/\/+$/, '');
    const link = await invitation(database, address, name, actor);
    return {
      json: { name, link },
      text: `${link}\nThe link is good for 24 hours, once. Links from before have ended.`,
    };
  },
};

function switched(disabled: boolean, summary: string): CliCommand {
  return {
    summary,
    arguments: ['name'],
    options: {},
    async run({ name = '' }, { database, actor }) {
      const operator = await setOperatorDisabled(database, name, disabled, actor);
      if (!operator)
        throw new IhfError('not_found', `There is no operator '${name}'. 'ihf operators list' shows them.`);
      return { json: operator, text: `operator ${name} is ${disabled ? 'disabled' : 'enabled'}` };
    },
  };
}

export const operators = {
  list,
  invite,
  disable: switched(true, 'end what an operator may do, at once'),
  enable: switched(false, 'let an operator sign in again'),
};
