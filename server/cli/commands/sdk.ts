import { writeFile } from 'node:fs/promises';
import { defineCommand } from '../command.ts';
import { readCurrentArtifact } from './current-artifact.ts';
import { generate } from './sdk-generate.ts';

const FILES = { ts: 'ihf-client.ts', py: 'ihf-client.py' } as const;

const render = defineCommand({
  summary: 'Write the SDK of the current contract revision to a file',
  arguments: {},
  options: {
    lang: { value: 'LANG', description: 'TypeScript or Python', choices: ['ts', 'py'], required: true },
    out: { value: 'FILE', description: 'File to write', required: true },
  },
  examples: ['sdk render --lang ts --out ihf-client.ts'],
  async run({ lang, out }, session) {
    const { revision, content, digest } = await readCurrentArtifact(
      await session.read(),
      FILES[lang as keyof typeof FILES],
      session.config().publicUrl,
    );
    await writeFile(out, content);
    return { json: { out, revision, digest }, text: `Wrote ${out} for contract revision ${revision}.` };
  },
});

export const sdk = { summary: 'Generate SDKs and clients', commands: { render, generate } };
