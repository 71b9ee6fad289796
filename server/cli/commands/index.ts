import type { CliCommands } from '../command.ts';
import { consumers } from './consumers.ts';
import { contract } from './contract.ts';
import { hubs } from './hubs.ts';
import { installationKeys } from './installation-keys.ts';
import { keys } from './keys.ts';
import { manifests } from './manifests.ts';
import { migrate } from './migrate.ts';
import { operators } from './operators.ts';
import { registries } from './registries.ts';
import { sdk } from './sdk.ts';
import { secrets } from './secrets.ts';
import { webhooks } from './webhooks.ts';

export const COMMANDS: CliCommands = {
  ...{ hubs, manifests, consumers, keys, 'installation-keys': installationKeys },
  ...{ webhooks, secrets, registries, contract, sdk, operators, migrate },
};
