import { COMPUTED } from './imports.ts';

/** Files that may import the same. A file is of the first layer that fits. */
export interface Layer {
  /** A file, a folder with all in it (`folder/`), or the files that lie in a folder themselves (`folder/*`). */
  of: string;
  /** The layers it may import. Its own is among them only where it is named, so that siblings stay strangers. */
  may: readonly string[];
  /** The packages it may import, if not any. `node:` means every module of Node. */
  packages?: readonly string[];
  /** Its files take what they need as arguments: `process` is out of their reach. */
  pure?: true;
}

const ERRORS = 'server/errors.ts';
const PROBLEM = 'server/http/problem.ts';
const EXCHANGE = 'server/http/request.ts';

const CODEGEN = 'codegen/';
const GENERATED = 'generated/';
const STORE = 'server/store/';
const CONTRACT = 'server/contract/';
const PIPELINE = 'server/http/';
const VALIDATE = 'server/http/validate.ts';
const INSIDE_VALIDATE = 'server/http/validate/';
const HANDLERS = 'server/handlers/';
const WEBHOOKS = 'server/webhooks/';
const POSTGRES = 'server/postgres/';
const ADMIN = 'server/admin/';
const ADMIN_ROUTER = 'server/admin/router.ts';
const OAUTH = 'server/oauth/';
const PACKAGES = 'server/packages/';
const TRAFFIC = 'server/observability/';
const LINGER = 'server/http/linger.ts';
const MASKING = 'server/observability/redact.ts';
const LOGGER = 'server/observability/logger.ts';
const HUB = 'server/services.ts';
const WIRING = 'server/*';

/** What a step of the pipeline may import: never a sibling. */
const BELOW_PIPELINE = [CODEGEN, GENERATED, STORE, CONTRACT, ERRORS, EXCHANGE];

const PRODUCT: readonly Layer[] = [
  {
    of: 'codegen/cli.ts',
    may: [CODEGEN],
    // openapi-typescript and the compiler it needs, from the workspace that has them.
    packages: ['node:fs/promises', 'node:module', 'node:url', 'openapi-typescript', 'typescript', COMPUTED],
  },
  {
    of: CODEGEN,
    may: [CODEGEN],
    packages: ['node:crypto', 'node:util', 'node:zlib', 'handlebars', 'yaml'],
    pure: true,
  },
  { of: GENERATED, may: [GENERATED], packages: [], pure: true },
  { of: 'sdk-templates/typescript/', may: ['sdk-templates/typescript/'], packages: [], pure: true },

  { of: ERRORS, may: [], packages: [], pure: true },
  { of: PROBLEM, may: [ERRORS], packages: [], pure: true },
  { of: EXCHANGE, may: [ERRORS, GENERATED, STORE], packages: [], pure: true },

  {
    of: STORE,
    may: [STORE, ERRORS],
    packages: ['node:crypto', 'node:fs/promises', 'node:path', 'node:zlib', 'pg'],
    pure: true,
  },
  { of: CONTRACT, may: [CONTRACT, STORE, ERRORS, CODEGEN], packages: ['leven', 'pg'], pure: true },
  {
    of: VALIDATE,
    may: [...BELOW_PIPELINE, INSIDE_VALIDATE],
    packages: ['express', 'express-openapi-validator'],
    pure: true,
  },
  { of: INSIDE_VALIDATE, may: [INSIDE_VALIDATE, ERRORS], packages: [], pure: true },
  { of: PIPELINE, may: BELOW_PIPELINE, packages: ['node:crypto'], pure: true },
  {
    of: HANDLERS,
    // An answer about many items holds the problem of each.
    may: [HANDLERS, GENERATED, STORE, CONTRACT, WEBHOOKS, CODEGEN, ERRORS, PROBLEM],
    packages: [],
    pure: true,
  },

  { of: 'server/oauth/router.ts', may: [OAUTH, STORE, ERRORS, PROBLEM], packages: ['express'], pure: true },
  { of: OAUTH, may: [OAUTH, STORE, ERRORS], packages: [], pure: true },
  { of: PACKAGES, may: [PACKAGES, CONTRACT, STORE, CODEGEN, ERRORS], packages: ['express'], pure: true },

  { of: ADMIN_ROUTER, may: [ADMIN, STORE, ERRORS], packages: ['express', 'node:http'], pure: true },
  {
    of: ADMIN,
    may: [ADMIN, STORE, CONTRACT, WEBHOOKS, CODEGEN, ERRORS, PROBLEM],
    // Of Express the types alone.
    packages: ['@node-rs/argon2', 'express', 'node:crypto', 'node:fs', 'node:path'],
    pure: true,
  },

  {
    of: 'server/worker.ts',
    may: [WIRING, POSTGRES, CONTRACT, STORE, WEBHOOKS],
    packages: ['node:'],
  },
  { of: WEBHOOKS, may: [WEBHOOKS, STORE, ERRORS], packages: ['node:', 'pg', 'undici'] },
  { of: POSTGRES, may: [POSTGRES], packages: ['node:', 'pg'] },
  { of: 'server/docs/', may: ['server/docs/'], packages: ['node:', 'express', 'swagger-ui-dist'] },
  {
    of: 'server/http/steps.ts',
    may: [GENERATED, STORE, ERRORS, PROBLEM, EXCHANGE, PIPELINE, HUB, LINGER],
    packages: ['express'],
  },
  {
    of: 'server/http/app.ts',
    may: [
      WIRING,
      HUB,
      VALIDATE,
      PIPELINE,
      'server/http/steps.ts',
      'server/docs/',
      'server/oauth/router.ts',
      PACKAGES,
      ADMIN_ROUTER,
    ],
    packages: ['express'],
  },
  { of: MASKING, may: [], packages: [], pure: true },
  { of: LOGGER, may: [MASKING], packages: ['pino'] },
  { of: LINGER, may: [], packages: ['node:http'], pure: true },
  { of: 'server/observability/metrics.ts', may: [], packages: ['prom-client'], pure: true },
  {
    of: TRAFFIC,
    may: [TRAFFIC, 'server/observability/metrics.ts', LINGER, MASKING, PIPELINE, STORE, CODEGEN, ERRORS, PROBLEM],
    packages: ['node:'],
    pure: true,
  },
  { of: HUB, may: [CONTRACT, STORE, WEBHOOKS], packages: [], pure: true },
  { of: 'server/http/warm-up.ts', may: [GENERATED, ERRORS, 'server/http/steps.ts'], packages: ['node:net', 'express'] },
  {
    of: 'server/main.ts',
    may: [WIRING, POSTGRES, WEBHOOKS, LOGGER],
    packages: ['node:'],
  },
  {
    of: 'server/cli/',
    may: ['server/cli/', WIRING, POSTGRES, STORE, CONTRACT, WEBHOOKS, CODEGEN, ERRORS],
    packages: ['node:'],
  },
  {
    of: WIRING,
    may: [
      ...[
        WIRING,
        'server/http/app.ts',
        'server/http/warm-up.ts',
        HANDLERS,
        PIPELINE,
        CONTRACT,
        STORE,
        CODEGEN,
        GENERATED,
      ],
      ...[WEBHOOKS, TRAFFIC, ERRORS, EXCHANGE, HUB, LOGGER, VALIDATE],
    ],
    packages: ['node:'],
  },

  {
    of: 'scorecard/cli.ts',
    may: ['scorecard/', WIRING, POSTGRES, STORE],
    packages: ['node:'],
  },
  { of: 'scorecard/', may: ['scorecard/', CODEGEN, HANDLERS, WIRING], packages: ['node:', 'pg'] },
];

const productLayers = PRODUCT.map(({ of }) => of);

/**
 * The arrows of this tree. Scripts (`cli.ts`, `main.ts`) are in no list of the product, `test/` and `bench/` in none
 * but their own: nothing else imports them.
 */
export const LAYERS: readonly Layer[] = [
  ...PRODUCT,
  { of: 'bench/', may: ['bench/', ...productLayers] },
  { of: 'test/', may: ['test/', ...productLayers] },
];
