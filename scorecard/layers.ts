import { HTTP } from './http-layers.ts';
import { COMPUTED } from './imports.ts';
import type { Layer } from './layer.ts';
import {
  ACCESS,
  ANONYMOUS_LIMIT,
  ANONYMOUS_TURNS,
  APP,
  BASE,
  BATCHING,
  BYTES_IN_FLIGHT,
  CLI,
  CLUSTER_METRICS,
  CODEGEN,
  CONCURRENCY_LIMIT,
  CONTRACT,
  CREDENTIALS,
  ENVIRONMENT,
  ERRORS,
  FIND_OPERATION,
  GENERATED,
  HANDLERS,
  HTTP_PROBLEM,
  HTTP_SERVER,
  HTTP_SERVER_HELPERS,
  INGEST,
  LOGGER,
  OBSERVABILITY,
  PATTERNS,
  POSTGRES,
  PROBLEM_RESPONSE,
  PROCESSES,
  RECEIVE,
  REQUEST_CONTEXT,
  RESPONSE_DEADLINE,
  SERVER,
  SERVICES,
  STORE,
  TRUST_PROXY,
  TYPESCRIPT_RUNTIME,
  VALIDATE,
  VALIDATE_HELPERS,
  WARM_UP,
  WEBHOOKS,
  WIRING,
} from './layer-paths.ts';

const LIBRARY: readonly Layer[] = [
  {
    path: 'codegen/cli.ts',
    mayImport: [CODEGEN],
    // The computed import loads openapi-typescript, and the compiler that it needs, from the workspace that has them.
    packages: ['node:fs/promises', 'node:module', 'node:url', 'openapi-typescript', 'typescript', COMPUTED],
  },
  {
    path: CODEGEN,
    mayImport: [CODEGEN],
    packages: ['node:crypto', 'node:util', 'node:zlib', 'ajv', 'handlebars', 'yaml', '@scalar/openapi-upgrader'],
    pure: true,
  },
  { path: GENERATED, mayImport: [GENERATED], packages: ['ajv'], pure: true },
  { path: TYPESCRIPT_RUNTIME, mayImport: [TYPESCRIPT_RUNTIME], packages: [], pure: true },
];

const DOMAIN: readonly Layer[] = [
  { path: ERRORS, mayImport: [], packages: [], pure: true },
  { path: PATTERNS, mayImport: [], packages: [], pure: true },
  { path: CREDENTIALS, mayImport: [], packages: ['node:crypto', 'node:zlib'], pure: true },
  { path: ENVIRONMENT, mayImport: [], packages: [], pure: true },
  {
    path: STORE,
    mayImport: [STORE, ERRORS, PATTERNS],
    packages: ['node:crypto', 'node:fs/promises', 'node:net', 'node:path', 'node:timers/promises', 'node:util', 'pg'],
    pure: true,
  },
  { path: ACCESS, mayImport: [STORE, ...BASE], packages: [], pure: true },
  { path: BATCHING, mayImport: [BATCHING, STORE, ...BASE], packages: ['node:crypto'], pure: true },
  { path: CONTRACT, mayImport: [CONTRACT, STORE, ...BASE, CODEGEN], packages: ['ajv', 'leven', 'pg'], pure: true },
  { path: WEBHOOKS, mayImport: [WEBHOOKS, BATCHING, STORE, ...BASE], packages: ['node:', 'undici'] },
  {
    path: HANDLERS,
    // The response to a batch holds a problem document per item.
    mayImport: [HANDLERS, GENERATED, STORE, CONTRACT, WEBHOOKS, CODEGEN, ...BASE, HTTP_PROBLEM],
    packages: [],
    pure: true,
  },
];

const PROCESS: readonly Layer[] = [
  { path: LOGGER, mayImport: [OBSERVABILITY], packages: ['pino'] },
  { path: CLUSTER_METRICS, mayImport: [], packages: ['node:cluster', 'node:crypto', 'prom-client'] },
  { path: PROCESSES, mayImport: [PROCESSES, LOGGER, CLUSTER_METRICS], packages: ['node:'] },
  {
    path: OBSERVABILITY,
    mayImport: [
      OBSERVABILITY,
      LOGGER,
      CLUSTER_METRICS,
      ENVIRONMENT,
      HTTP_PROBLEM,
      PROBLEM_RESPONSE,
      REQUEST_CONTEXT,
      BATCHING,
      STORE,
      CODEGEN,
      ...BASE,
    ],
    packages: ['node:crypto', 'node:events', 'node:http', 'node:net', 'pino', 'prom-client'],
    pure: true,
  },
  { path: SERVICES, mayImport: [CONTRACT, BATCHING, STORE, WEBHOOKS], packages: [], pure: true },
  { path: POSTGRES, mayImport: [POSTGRES], packages: ['node:', 'pg'] },
  { path: 'server/main.ts', mayImport: [...SERVER, SERVICES, WIRING], packages: ['node:'] },
  { path: 'server/worker.ts', mayImport: [...SERVER, SERVICES, WIRING], packages: ['node:'] },
  {
    path: CLI,
    mayImport: [CLI, WIRING, POSTGRES, ACCESS, STORE, CONTRACT, WEBHOOKS, CODEGEN, ...BASE],
    packages: ['node:', 'leven'],
  },
  {
    path: WIRING,
    mayImport: [
      ...[
        ...SERVER,
        SERVICES,
        WIRING,
        APP,
        INGEST,
        BYTES_IN_FLIGHT,
        WARM_UP,
        VALIDATE,
        VALIDATE_HELPERS,
        RECEIVE,
        TRUST_PROXY,
      ],
      ...[HTTP_SERVER, HTTP_SERVER_HELPERS, ANONYMOUS_LIMIT, ANONYMOUS_TURNS, CONCURRENCY_LIMIT],
      ...[RESPONSE_DEADLINE, FIND_OPERATION],
    ],
    packages: ['node:'],
  },

  { path: 'scorecard/cli.ts', mayImport: ['scorecard/', WIRING, POSTGRES, STORE], packages: ['node:'] },
  { path: 'scorecard/', mayImport: ['scorecard/', CODEGEN, HANDLERS, WIRING, STORE], packages: ['node:', 'pg'] },
];

const PRODUCT: readonly Layer[] = [...LIBRARY, ...DOMAIN, ...HTTP, ...PROCESS];
const productPaths = PRODUCT.map(({ path }) => path);

/**
 * The import rules of this repository. The programs (`cli.ts`, `main.ts`, `worker.ts`) are imported by tests only, and
 * `bench/` by itself only, and `test/` by both.
 */
export const LAYERS: readonly Layer[] = [
  ...PRODUCT,
  { path: 'bench/', mayImport: ['bench/', 'test/', ...productPaths] },
  { path: 'test/', mayImport: ['test/', ...productPaths] },
];
