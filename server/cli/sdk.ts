import { writeFile } from 'node:fs/promises';
import { Renderer } from '../contract/renderer.ts';
import { IhfError } from '../errors.ts';
import { readTemplates } from '../project-files.ts';
import { readCurrentRevision } from '../store/contract/revisions.ts';
import { type CliCommand, UsageError } from './command.ts';
import { generate } from './generate.ts';

const FILES = { ts: 'ihf-client.ts', py: 'ihf-client.py' } as const;

const render: CliCommand = {
  summary: 'write the SDK of the current contract to a file',
  arguments: [],
  options: { lang: 'ts or py', out: 'the file to write' },
  async run({ lang, out }, { database }) {
    const file = FILES[lang as keyof typeof FILES];
    if (!file) throw new UsageError(`--lang is '${lang ?? ''}'. It is ts or py.`);
    if (!out) throw new UsageError(`--out is missing. It is the file to write, ${file} for example.`);
    const { revision } = await readCurrentRevision(database);
    const artifact = await new Renderer(database, await readTemplates()).artifact(revision, file);
    if (!artifact) throw new IhfError('not_found', 'No contract is published yet. Start the hub once.');
    await writeFile(out, artifact.content);
    return { json: { out, revision, digest: artifact.digest }, text: `${out}: contract revision ${revision}.` };
  },
};

export const sdk = { render, generate };
