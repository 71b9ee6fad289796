import { IhfError } from '../../errors.ts';
import { readSecretKeys } from '../../webhooks/secret-key.ts';
import { rotateSecrets } from '../../webhooks/secret-rotation.ts';
import { defineCommand, UsageError } from '../command.ts';
import { openSecretBox } from '../subscription-deps.ts';

const rotate = defineCommand({
  summary: 'Encrypt all webhook secrets under IHF_SECRET_KEY, from IHF_SECRET_KEY_PREVIOUS',
  arguments: {},
  options: {},
  examples: ['secrets rotate'],
  async run(_, session) {
    const config = session.config();
    if (config.previousSecretKey === undefined) {
      throw new UsageError(
        'IHF_SECRET_KEY_PREVIOUS must be set to the key before the rotation, and IHF_SECRET_KEY to the new one.',
      );
    }
    const { rotated, unreadable } = await rotateSecrets(await session.write(), openSecretBox(config));
    if (unreadable.length > 0) {
      throw new IhfError(
        'conflict',
        `The secrets of ${unreadable.length} subscriptions can be decrypted with neither key: ${unreadable.slice(0, 5).join(', ')}. ` +
          "Set IHF_SECRET_KEY_PREVIOUS to the key with which they were encrypted and run 'ihf secrets rotate' again, or rotate " +
          `their secrets with 'ihf webhooks rotate'. ${rotated} subscriptions were encrypted under the new key.`,
      );
    }
    const login = await session.removeNodeLogin(readSecretKeys(config).previousSecretKey as Buffer);
    const text = `The secrets of ${rotated} subscriptions were encrypted under the new key. ${LOGIN_TEXTS[login]}`;
    return { json: { rotated, previous_login: login }, text };
  },
});

const REMOVE_KEY = 'Remove IHF_SECRET_KEY_PREVIOUS from all nodes.';

const LOGIN_TEXTS = {
  removed: `The database login of the previous key was removed. ${REMOVE_KEY}`,
  missing: REMOVE_KEY,
  in_use: `A node still uses the previous key. Restart it with both keys, run 'ihf secrets rotate' again, and then: ${REMOVE_KEY}`,
  not_allowed: REMOVE_KEY,
};

export const secrets = {
  summary: 'Manage the key that encrypts webhook secrets',
  commands: { rotate },
};
