#!/usr/bin/env node
// `npm start`: runs a server node.
import cluster from 'node:cluster';
import { COMMAND_NAME } from './command-name.ts';
import type { ServerConfig } from './config.ts';
import { createDemo, type Demo } from './demo.ts';
import { firstInvitation } from './operator-invitations.ts';
import { startPostgres } from './postgres/launcher.ts';
import { type ProcessContext, type RunningProgram, runProgram } from './process.ts';
import { sendToPrimary } from './processes/messages.ts';
import { startProcesses } from './processes/primary.ts';
import { startServer } from './server.ts';
import { type Db, MAINTENANCE_DATABASE, openDatabase } from './store/database/database.ts';

await runProgram({
  name: 'server',
  started: 'listening',
  openPostgres: startPostgres,
  start: (context) => {
    if (cluster.isWorker) return startOneOfSeveral(context);
    return context.config.processes > 1 ? startSeveral(context) : startOne(context);
  },
});

async function startOne({ config, databaseUrl, log }: ProcessContext): Promise<RunningProgram> {
  const server = await startServer(config, databaseUrl, log);
  return {
    greeting: greeting(config, server.url, await firstSteps(server.database, config, server.url)),
    logFields: { url: server.url, metrics_url: server.metricsUrl },
    announceStop: () => server.announceStop(),
    close: () => server.close(),
  };
}

/** The primary process serves no requests: it starts the processes that do. */
async function startSeveral({ config, databaseUrl, log }: ProcessContext): Promise<RunningProgram> {
  const { secretKey, previousSecretKey, processes } = config;
  const environment = {
    DATABASE_URL: databaseUrl,
    IHF_SECRET_KEY: secretKey.toString('base64'),
    IHF_SECRET_KEY_PREVIOUS: previousSecretKey?.toString('base64') ?? '',
  };
  const { url, metricsUrl, close } = await startProcesses({ processes, environment, log });
  const database = openDatabase(databaseUrl, MAINTENANCE_DATABASE);
  const steps = await firstSteps(database, config, url).finally(() => database.close());
  return { greeting: greeting(config, url, steps), logFields: { url, metrics_url: metricsUrl, processes }, close };
}

async function startOneOfSeveral({ config, databaseUrl, log }: ProcessContext): Promise<RunningProgram> {
  const { url, metricsUrl, announceStop, close } = await startServer(config, databaseUrl, log);
  await sendToPrimary({ type: 'ihf:listening', url, metricsUrl });
  return { logFields: { url, metrics_url: metricsUrl }, announceStop, close };
}

async function firstSteps(database: Db, { databaseUrl, publicUrl }: ServerConfig, url: string): Promise<FirstSteps> {
  // The operator of a shared database creates what it needs with the CLI.
  if (databaseUrl !== undefined) return {};
  const demo = await createDemo(database, process.stdout.isTTY === true);
  return { demo, invitation: await firstInvitation(database, publicUrl ?? url) };
}

interface FirstSteps {
  demo?: Demo | undefined;
  /** The link by which the first operator sets a password. */
  invitation?: string | undefined;
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
