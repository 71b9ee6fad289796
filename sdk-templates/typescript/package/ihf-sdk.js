#!/usr/bin/env node
// ihf-sdk pull: writes the client of a hub to a file. ihf-sdk check: tells whether the file is behind, and by what.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { IhfClient } from '../index.js';

const USAGE = `usage: ihf-sdk pull --hub URL --lang ts|py --out FILE
       ihf-sdk check [--fail-on any|breaking] FILE...

pull writes the client, with a line at its end that says where it is from.
check exits 0 when every file is current, 1 when one is behind or was edited, 2 when it cannot tell.
What changed is told to a caller who may read the contract: set IHF_API_KEY, or IHF_CLIENT_ID and IHF_CLIENT_SECRET.`;

const COMMENTS = { ts: '//', py: '#' };
const LOCK = /(?:\/\/|#) ihf-sdk hub=(\S+) lang=(ts|py) revision=(\d+) sha256=([0-9a-f]{64})\n$/;

class UsageError extends Error {}

async function pull({ hub, lang, out }) {
  const comment = COMMENTS[lang];
  if (!hub || !out || !comment) throw new UsageError(USAGE);
  const text = await client(hub).downloadSdk(`ihf-client.${lang}`);
  const [, revision] = /^(?:export const )?CONTRACT_REVISION(?:: Final)? = (\d+)/m.exec(text) ?? [];
  if (!revision) throw new Error(`${hub} answered with something else than its client`);
  await writeFile(
    out,
    `${text}${comment} ihf-sdk hub=${hub} lang=${lang} revision=${revision} sha256=${digestOf(text)}\n`,
  );
  console.log(`${out}: contract revision ${revision}`);
  return 0;
}

/** Tells how a file stands, and answers whether that stops the build. */
async function check(file, failOn) {
  const text = await readFile(file, 'utf8');
  const [line = '', hub, lang, from, digest] = LOCK.exec(text) ?? [];
  if (!hub) throw new Error(`${file} has no line of ihf-sdk: write it with 'ihf-sdk pull'`);
  const own = text.slice(0, text.length - line.length);
  if (digestOf(own) !== digest) {
    console.log(
      `${file}: was edited since it was written. Run: ihf-sdk pull --hub ${hub} --lang ${lang} --out ${file}`,
    );
    return true;
  }
  const ihf = client(hub);
  let to = Number(from);
  await ihf.getLiveness({
    onResponse: ({ headers }) => {
      to = Number(headers.get('IHF-Contract-Revision'));
    },
  });
  if (to <= Number(from)) {
    console.log(`${file}: is current, contract revision ${from}`);
    return false;
  }
  console.log(`${file}: contract revision ${from}, the hub serves ${to}`);
  const { changes } = await ihf.diffContractRevisions({ from: Number(from), to });
  for (const { detail, breaking } of changes) {
    const whom = ['requests', 'responses'].filter((direction) => breaking[direction]);
    console.log(`  ${detail}${whom.length > 0 ? ` (breaks ${whom.join(' and ')})` : ''}`);
  }
  return failOn === 'any' || changes.some(({ breaking }) => breaking.requests || breaking.responses);
}

function client(baseUrl) {
  const { IHF_API_KEY: apiKey, IHF_CLIENT_ID: clientId, IHF_CLIENT_SECRET: clientSecret } = process.env;
  // A secret that a build does not have comes as an empty text.
  const credentials = clientId ? { clientId, clientSecret } : apiKey ? { apiKey } : {};
  return new IhfClient({ baseUrl, onNewerContract: false, ...credentials });
}

function digestOf(text) {
  return createHash('sha256').update(text).digest('hex');
}

async function main() {
  const options = {
    ...{ hub: { type: 'string' }, lang: { type: 'string' }, out: { type: 'string' } },
    'fail-on': { type: 'string', default: 'any' },
    help: { type: 'boolean', short: 'h' },
  };
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  const [verb, ...files] = positionals;
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (verb === 'pull' && files.length === 0) return pull(values);
  const failOn = values['fail-on'];
  if (verb !== 'check' || files.length === 0 || !['any', 'breaking'].includes(failOn)) throw new UsageError(USAGE);
  let stops = false;
  for (const file of files) stops = (await check(file, failOn)) || stops;
  return stops ? 1 : 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    console.error(error instanceof UsageError ? error.message : `ihf-sdk: ${error.message}`);
    process.exitCode = 2;
  },
);
