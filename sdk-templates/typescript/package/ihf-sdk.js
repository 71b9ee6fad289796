#!/usr/bin/env node
// Command line of the npm package: downloads the client to a file, and checks whether such a file is up to date.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { IhfClient } from '../index.js';

const USAGE = `Usage: ihf-sdk pull --server URL --lang ts|py --out FILE
       ihf-sdk check [--server URL] [--fail-on any|breaking] FILE...

Commands:
  pull   Download the client to FILE and record the server URL, language and revision in its last line
  check  Compare each FILE with its server and list the contract changes since it was downloaded

Options:
  --server URL             URL of the server. Default of check: the one in FILE
  --lang ts|py             Language of the client
  --out FILE               File to write
  --fail-on any|breaking   Changes that make check fail. Default: any
  -h, --help               Print this help

Exit codes of check: 0 all files are up to date, 1 a file is outdated or was edited, 2 an error occurred.

To list changes, check needs credentials with the scope hub:registries:read: set IHF_API_KEY, or IHF_CLIENT_ID and
IHF_CLIENT_SECRET. They are sent only to the server of --server or IHF_BASE_URL, not to one that only a file names.`;

const env = { ...process.env };
// The client would send it to any server, also to one that a file of a stranger's pull request names.
delete process.env.IHF_API_KEY;

const COMMENTS = { ts: '//', py: '#' };
const ORIGIN = /(?:\/\/|#) ihf-sdk hub=(\S+) lang=(ts|py) revision=(\d+) sha256=([0-9a-f]{64})\n$/;

class UsageError extends Error {}

async function pull({ server, lang, out }) {
  const comment = COMMENTS[lang];
  if (!server || !out || !comment) throw new UsageError(USAGE);
  const text = await client(server).downloadSdk(`ihf-client.${lang}`);
  const [, revision] = /^(?:export const )?CONTRACT_REVISION(?:: Final)? = (\d+)/m.exec(text) ?? [];
  if (!revision) throw new Error(`the response of ${server} is not an IHF client. Check the URL.`);
  await writeFile(
    out,
    `${text}${comment} ihf-sdk hub=${server} lang=${lang} revision=${revision} sha256=${digestOf(text)}\n`,
  );
  console.log(`${out}: contract revision ${revision}`);
  return 0;
}

/** Prints the state of a file and returns whether check must fail. */
async function check(file, server, failOn) {
  // Git may check files out with CRLF.
  const text = (await readFile(file, 'utf8')).replaceAll('\r\n', '\n');
  const [line = '', recorded, lang, from, digest] = ORIGIN.exec(text) ?? [];
  if (!recorded) throw new Error(`${file} does not end with an ihf-sdk line. Write it with 'ihf-sdk pull'.`);
  const content = text.slice(0, text.length - line.length);
  const hub = server ?? recorded;
  if (digestOf(content) !== digest) {
    console.log(
      `${file}: edited since it was downloaded. To replace it, run: ihf-sdk pull --server ${hub} --lang ${lang} --out ${file}`,
    );
    return true;
  }
  const credentials = server || originOf(hub) === originOf(env.IHF_BASE_URL) ? credentialsOf(env) : {};
  const ihf = client(hub, credentials);
  let to = Number(from);
  await ihf.getLiveness({
    onResponse: ({ headers }) => {
      to = Number(headers.get('IHF-Contract-Revision') ?? from);
    },
  });
  if (to <= Number(from)) {
    console.log(`${file}: up to date, contract revision ${from}`);
    return false;
  }
  console.log(`${file}: contract revision ${from}, the server has ${to}`);
  const diff = await ihf.diffContractRevisions({ from: Number(from), to }).catch((error) => {
    if (error.status !== 401 && error.status !== 403) throw error;
  });
  if (!diff) {
    console.log('  To list the changes, set IHF_API_KEY, and IHF_BASE_URL or --server to the URL of its server.');
    return true;
  }
  const { changes } = diff;
  for (const { detail, breaking } of changes) {
    const directions = ['requests', 'responses'].filter((direction) => breaking[direction]);
    console.log(`  ${detail}${directions.length > 0 ? ` (breaks ${directions.join(' and ')})` : ''}`);
  }
  return failOn === 'any' || changes.some(({ breaking }) => breaking.requests || breaking.responses);
}

function client(baseUrl, credentials = {}) {
  return new IhfClient({ baseUrl, onNewerContract: false, ...credentials });
}

function credentialsOf({ IHF_API_KEY: apiKey, IHF_CLIENT_ID: clientId, IHF_CLIENT_SECRET: clientSecret }) {
  // CI systems set a missing secret to an empty string.
  return clientId ? { clientId, clientSecret } : apiKey ? { apiKey } : {};
}

function originOf(url) {
  return url ? new URL(url).origin : undefined;
}

function digestOf(text) {
  return createHash('sha256').update(text).digest('hex');
}

async function main() {
  const options = {
    ...{ server: { type: 'string' }, lang: { type: 'string' }, out: { type: 'string' } },
    'fail-on': { type: 'string', default: 'any' },
    help: { type: 'boolean', short: 'h' },
  };
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  const [command, ...files] = positionals;
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (command === 'pull' && files.length === 0) return pull(values);
  const failOn = values['fail-on'];
  if (command !== 'check' || files.length === 0 || !['any', 'breaking'].includes(failOn)) throw new UsageError(USAGE);
  let failed = false;
  for (const file of files) failed = (await check(file, values.server, failOn)) || failed;
  return failed ? 1 : 0;
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
