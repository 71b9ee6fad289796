// `npm run worker`: delivers webhooks and serves no requests. Any number of workers can run beside the server nodes.
import { revisionChanges } from './contract/changes.ts';
import { startMaintenance } from './maintenance.ts';
import { closeInReverse } from './open-parts.ts';
import { useOrStartPostgres } from './postgres/launcher.ts';
import { runProgram } from './process.ts';
import { MIGRATIONS } from './project-files.ts';
import { openDatabase } from './store/database/database.ts';
import { Listener } from './store/database/listener.ts';
import { migrate } from './store/database/migrate.ts';
import { openWebhooks } from './webhooks/webhooks.ts';

