// `npm start`: the only place that knows every part, the environment and the process.
import { type Config, readConfig } from './config.ts';
import { createDemo, type Demo } from './demo.ts';
import { createLogger } from './observability/logger.ts';
import { firstInvitation } from './operator-invitations.ts';
import { startPostgres } from './postgres/launcher.ts';
import { type RunningServer, startServer } from './server.ts';
import { readSecretKey } from './webhooks/secret-key.ts';

const log = createLogger();

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const postgres = config.databaseUrl ? undefined : await startPostgres({ dataDir: config.dataDir });
  const databaseUrl = config.databaseUrl ?? (postgres?.url as string);
  const hub = await serve(config, databaseUrl).catch(async (error) => {
    await postgres?.stop();
    throw error;
  });
  const demo = postgres && (await createDemo(hub.database));
  const invitation = postgres && (await firstInvitation(hub.database, config.publicUrl ?? hub.url));
  console.log(greeting(config, hub.url, { demo, invitation }));
  log.info({ url: hub.url, metrics_url: hub.traffic.metricsUrl }, 'listening');

  let stopping = false;
  const stop = async (reason: string, exitCode: number) => {
    if (stopping) return;
    stopping = true;
    console.log(`\n${reason}: stopping.`);
    log.info({ reason }, 'stopping');
    await hub.close();
    await postgres?.stop();
    log.info({ exit_code: exitCode }, 'stopped');
    process.exit(exitCode);
  };
  process.on('SIGINT', () => stop('Interrupted', 0));
  process.on('SIGTERM', () => stop('Terminated', 0));
  postgres?.died.then((why) => stop(why, 1));
}

/** A hub on a shared database that has no key for its secrets ends here, before it has touched anything. */
async function serve(config: Config, databaseUrl: string): Promise<RunningServer> {
  return startServer({ ...config, secretKey: readSecretKey(config) }, databaseUrl, log);
}

interface News {
  demo: Demo | undefined;
  /** The first operator's link. */
  invitation: string | undefined;
}

function greeting({ publicUrl, dataDir, databaseUrl }: Config, listening: string, { demo, invitation }: News): string {
  const url = publicUrl ?? listening;
  return `IHF Hub is running.

  hub      ${url}
  admin    ${url}/admin
  docs     ${url}/api/v2/docs/
  SDKs     ${url}/api/v2/sdk/ihf-client.ts
           ${url}/api/v2/sdk/ihf-client.py
  data     ${databaseUrl ? 'the database of DATABASE_URL' : `${dataDir} (embedded Postgres)`}

${invitation ? `${firstOperator(invitation)}\n\n` : ''}${demo ? firstEvent(url, demo) : firstKey(url)}

Ctrl-C stops it.`;
}

function firstOperator(invitation: string): string {
  return `Nobody has signed in yet. This link lets you choose the first operator's password, once:

  ${invitation}`;
}

function firstEvent(url: string, { key, widgetId }: Demo): string {
  return `A demonstration hub was made. This is its API key, shown now and never again:

  ${key}

Send a first event:

  curl -X POST ${url}/api/v2/interaction-events \\
    -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' \\
    -d '{"widget_id": "${widgetId}", "event_type": "clicked"}'`;
}

function firstKey(url: string): string {
  return `Keys are made by the operator: \`npm run -s ihf -- consumers list\` shows who there is,
\`npm run -s ihf -- keys create CONSUMER\` makes one. The contract needs none:

  curl ${url}/api/v2/openapi.json`;
}

main().catch((error: Error) => {
  console.error(`The hub did not start. ${error.message}`);
  process.exit(1);
});
