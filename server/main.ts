#!/usr/bin/env node
// `npm start`: runs a server node.
import { COMMAND_NAME } from './command-name.ts';
import type { ServerConfig } from './config.ts';
import { createDemo, type Demo } from './demo.ts';
import { firstInvitation } from './operator-invitations.ts';
import { startPostgres } from './postgres/launcher.ts';
import { runProgram } from './process.ts';
import { startServer } from './server.ts';

await runProgram({
  name: 'server',
  started: 'listening',
  openPostgres: startPostgres,
  async start({ config, databaseUrl, log }) {
    const server = await startServer(config, databaseUrl, log);
    // The operator of a shared database creates what it needs with the CLI.
    const isEmbedded = config.databaseUrl === undefined;
    const demo = isEmbedded ? await createDemo(server.database, process.stdout.isTTY === true) : undefined;
    const invitation = isEmbedded ? await firstInvitation(server.database, config.publicUrl ?? server.url) : undefined;
    return {
      greeting: greeting(config, server.url, { demo, invitation }),
      logFields: { url: server.url, metrics_url: server.metricsUrl },
      announceStop: () => server.announceStop(),
      close: () => server.close(),
    };
  },
});

interface FirstSteps {
  demo: Demo | undefined;
  /** The link by which the first operator sets a password. */
  invitation: string | undefined;
}

function greeting({ publicUrl, dataDir, databaseUrl }: ServerConfig, listeningUrl: string, steps: FirstSteps): string {
  const { demo, invitation } = steps;
  const url = publicUrl ?? listeningUrl;
  return `IHF Hub is running.

  server   ${url}
  admin    ${url}/admin
  docs     ${url}/api/v2/docs/
  SDKs     ${url}/api/v2/sdk/ihf-client.ts
           ${url}/api/v2/sdk/ihf-client.py
  data     ${databaseUrl ? 'the database of DATABASE_URL' : `${dataDir} (embedded Postgres)`}

${invitation ? `${firstOperator(invitation)}\n\n` : ''}${demo ? firstEvent(url, demo) : firstKey(url)}

Press Ctrl-C to stop.`;
}

function firstOperator(invitation: string): string {
  return `No operator account has been activated yet. Use this one-time link to set the first operator's password:

  ${invitation}`;
}

function firstEvent(url: string, { key, widgetId }: Demo): string {
  const create = `${COMMAND_NAME} keys create demo --preset reporting`;
  const shown = key
    ? `This is an API key that can report events for 7 days; it will not be shown again:\n\n  ${key}`
    : `The output is not a terminal and may be stored, so that no API key is printed. Create one:\n\n  ${create}`;
  return `A demo hub was created. ${shown}

Send a first event:

  curl -X POST ${url}/api/v2/interaction-events \\
    -H 'Authorization: Bearer ${key ?? 'YOUR_KEY'}' -H 'Content-Type: application/json' \\
    -d '{"widget_id": "${widgetId}", "event_type": "clicked"}'`;
}

function firstKey(url: string): string {
  return `Create an API key: list the consumers with \`${COMMAND_NAME} consumers list\`, then run
\`${COMMAND_NAME} keys create CONSUMER --preset reporting\`. The contract is public:

  curl ${url}/api/v2/openapi.json`;
}
