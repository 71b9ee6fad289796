import { readConfig } from '../../config.ts';
import { IhfError } from '../../errors.ts';
import { invitation } from '../../operator-invitations.ts';
import { OPERATOR_NAME, OPERATOR_NAME_RULE } from '../../patterns.ts';
import { listOperators, setOperatorDisabled } from '../../store/operators/operators.ts';
import { type CliCommand, defineCommand, UsageError } from '../command.ts';
import { shortTime } from '../lookups.ts';
import { table } from '../table.ts';

const list = defineCommand({
  summary: 'List dashboard operators',
  arguments: {},
  options: {},
  examples: ['operators list'],
  async run(_, session) {
    const operators = await listOperators(await session.read());
    const rows = operators.map(({ name, password_set_at, disabled_at }) => ({
      name,
      state: disabled_at ? 'disabled' : password_set_at ? 'enabled' : 'invited',
      'password set': shortTime(password_set_at),
    }));
    return { json: operators, text: table(rows) };
  },
});

const invite = defineCommand({
  summary: "Create a one-time link to set an operator's password",
  arguments: { name: 'Name of a new operator, or of one who needs a new password' },
  options: {
    url: { value: 'URL', description: 'URL of the server', otherwise: 'IHF_PUBLIC_URL, or else HOST and PORT' },
  },
  examples: ['operators invite ada', 'operators invite ada --url https://ihf.example.com'],
  async run({ name, url }, session) {
    if (!OPERATOR_NAME.test(name))
      throw new UsageError(`'${name}' is not a valid operator name. ${OPERATOR_NAME_RULE}`);
    const config = readConfig(process.env);
    const base = (url ?? config.publicUrl ?? `http://${config.host}:${config.port}`).replace(/\/+$/, '');
    const link = await invitation(await session.write(), base, name, session.actor);
    return {
      json: { name, link },
      text: `${link}\nThe link can be used once and expires in 24 hours. Earlier invitation links are no longer valid.`,
    };
  },
});

function switchCommand(verb: 'disable' | 'enable', summary: string): CliCommand {
  return defineCommand({
    summary,
    arguments: { name: 'Name of the operator' },
    options: {},
    examples: [`operators ${verb} ada`],
    async run({ name }, session) {
      const operator = await setOperatorDisabled(await session.write(), name, verb === 'disable', session.actor);
      if (operator) return { json: operator, text: `Operator ${name} is ${verb}d.` };
      throw new IhfError(
        'not_found',
        `There is no operator '${name}'. Run 'ihf operators list' to list all operators.`,
      );
    },
  });
}

export const operators = {
  summary: 'Manage the operators of the dashboard',
  commands: {
    list,
    invite,
    disable: switchCommand('disable', 'Sign an operator out and reject further sign-ins'),
    enable: switchCommand('enable', 'Allow an operator to sign in again'),
  },
};
