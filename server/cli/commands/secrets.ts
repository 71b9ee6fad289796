import { IhfError } from '../../errors.ts';
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
    const text = `The secrets of ${rotated} subscriptions were encrypted under the new key. Remove IHF_SECRET_KEY_PREVIOUS from all nodes.`;
    return { json: { rotated }, text };
  },
});

export const secrets = {
  summary: 'Manage the key that encrypts webhook secrets',
  commands: { rotate },
};
