import { COMPUTED } from './imports.ts';

/** A file or folder whose files may all import the same. A file belongs to the first layer that matches it. */
export interface Layer {
  /** A file, a folder with everything in it (`folder/`), or only the files directly in a folder (`folder/*`). */
  path: string;
  /** The layers it may import. Its own layer is included only if listed: files of `server/http/` must not import each other. */
  mayImport: readonly string[];
  /** The packages it may import; undefined allows all. `node:` allows every module of Node. */
  packages?: readonly string[];
  /** Its files receive everything as arguments and must not use `process`. */
  pure?: true;
}

const CODEGEN = 'codegen/';
const GENERATED = 'generated/';
const TYPESCRIPT_RUNTIME = 'sdk-templates/typescript/';

const ERRORS = 'server/errors.ts';
const PATTERNS = 'server/patterns.ts';
const CREDENTIALS = 'server/credentials.ts';
const ENVIRONMENT = 'server/environment.ts';
const STORE = 'server/store/';
const ACCESS = 'server/access/';
const BATCHING = 'server/batching/';
const CONTRACT = 'server/contract/';
const WEBHOOKS = 'server/webhooks/';
const HANDLERS = 'server/handlers/';
const SERVICES = 'server/services.ts';

const HTTP_PROBLEM = 'server/http/problem.ts';
const HTTP_REQUEST = 'server/http/request.ts';
const REQUEST_CONTEXT = 'server/http/request-context.ts';
const REQUEST_SOURCE = 'server/http/request-source.ts';
const TRUST_PROXY = 'server/http/trust-proxy.ts';
const HAS_BODY = 'server/http/has-body.ts';
const HTTP_RESPONSE = 'server/http/response.ts';
const PROBLEM_RESPONSE = 'server/http/problem-response.ts';
const LINGERING_CLOSE = 'server/http/lingering-close.ts';
const RATE_LIMIT_HEADERS = 'server/http/rate-limit-headers.ts';
/** One file per step of a request. The helpers of a step are in a folder with its name. */
const HTTP_STEP = 'server/http/';
const RECEIVE = 'server/http/receive.ts';
const FIND_OPERATION = 'server/http/find-operation.ts';
const PARSE_BODY = 'server/http/parse-body.ts';
const PARSE_BODY_HELPERS = 'server/http/parse-body/';
const VALIDATE = 'server/http/validate.ts';
const VALIDATE_HELPERS = 'server/http/validate/';
const DISPATCH = 'server/http/dispatch.ts';
const DISPATCH_HELPERS = 'server/http/dispatch/';
const APP = 'server/http/app.ts';
const HTTP_SERVER = 'server/http/http-server.ts';
const HTTP_SERVER_HELPERS = 'server/http/http-server/';
const ANONYMOUS_LIMIT = 'server/http/anonymous-limit.ts';
const CONCURRENCY_LIMIT = 'server/http/concurrency-limit.ts';
const WARM_UP = 'server/http/warm-up.ts';

const OAUTH = 'server/oauth/';
const OAUTH_ROUTER = 'server/oauth/router.ts';
const PACKAGES = 'server/packages/';
const DOCS = 'server/docs/';
const ADMIN = 'server/admin/';
const ADMIN_ROUTER = 'server/admin/router.ts';
const ADMIN_CORE = 'server/admin/core/';
const ADMIN_FORMS = 'server/admin/forms/';
const ADMIN_HTTP = 'server/admin/http/';
const ADMIN_CHARTS = 'server/admin/charts/';
const ADMIN_PAGES = [ADMIN, ADMIN_CORE, ADMIN_FORMS, ADMIN_CHARTS];
const OBSERVABILITY = 'server/observability/';
const LOGGER = 'server/observability/logger.ts';
const POSTGRES = 'server/postgres/';
const CLI = 'server/cli/';
/** What starts and stops a node: `config.ts`, `server.ts`, `services.ts`, `maintenance.ts` … */
const WIRING = 'server/*';

/** What every layer of the server may import. */
const BASE = [ERRORS, PATTERNS, CREDENTIALS];

/** What a step of a request may import: layers below HTTP and the files that all steps share, but no other step. */
const HTTP_SHARED = [
  ...[HTTP_PROBLEM, HTTP_REQUEST, REQUEST_CONTEXT, REQUEST_SOURCE, HAS_BODY],
  ...[HTTP_RESPONSE, PROBLEM_RESPONSE, RATE_LIMIT_HEADERS],
];
const BELOW_STEPS = [...BASE, STORE, BATCHING, CONTRACT, GENERATED, CODEGEN, ...HTTP_SHARED];
/** Everything that a program of the server may start. */
const SERVER = [
  ERRORS,
  ENVIRONMENT,
  ACCESS,
  STORE,
  BATCHING,
  CONTRACT,
  WEBHOOKS,
  HANDLERS,
  OBSERVABILITY,
  LOGGER,
  POSTGRES,
  CODEGEN,
  GENERATED,
];

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
    packages: ['node:crypto', 'node:util', 'node:zlib', 'handlebars', 'yaml'],
    pure: true,
  },
  { path: GENERATED, mayImport: [GENERATED], packages: [], pure: true },
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
    packages: ['node:crypto', 'node:fs/promises', 'node:net', 'node:path', 'pg'],
    pure: true,
  },
  { path: ACCESS, mayImport: [STORE, ...BASE], packages: [], pure: true },
  { path: BATCHING, mayImport: [BATCHING, STORE, ...BASE], packages: ['node:crypto'], pure: true },
  { path: CONTRACT, mayImport: [CONTRACT, STORE, ...BASE, CODEGEN], packages: ['leven', 'pg'], pure: true },
  { path: WEBHOOKS, mayImport: [WEBHOOKS, BATCHING, STORE, ...BASE], packages: ['node:', 'undici'] },
  {
    path: HANDLERS,
    // The response to a batch holds a problem document per item.
    mayImport: [HANDLERS, GENERATED, STORE, CONTRACT, WEBHOOKS, CODEGEN, ...BASE, HTTP_PROBLEM],
    packages: [],
    pure: true,
  },
];

const HTTP: readonly Layer[] = [
  { path: HTTP_PROBLEM, mayImport: [ERRORS], packages: [], pure: true },
  { path: HTTP_REQUEST, mayImport: [ERRORS, GENERATED, STORE], packages: [], pure: true },
  { path: HAS_BODY, mayImport: [], packages: ['node:http'], pure: true },
  { path: TRUST_PROXY, mayImport: [], packages: ['proxy-addr'], pure: true },
  {
    path: REQUEST_SOURCE,
    mayImport: [ERRORS, TRUST_PROXY],
    packages: ['node:http', 'node:net', 'proxy-addr'],
    pure: true,
  },
  {
    path: REQUEST_CONTEXT,
    mayImport: [HTTP_PROBLEM, HTTP_REQUEST, REQUEST_SOURCE, STORE],
    packages: ['node:http'],
    pure: true,
  },
  { path: HTTP_RESPONSE, mayImport: [], packages: ['node:http'], pure: true },
  { path: LINGERING_CLOSE, mayImport: [], packages: ['node:http'], pure: true },
  {
    path: PROBLEM_RESPONSE,
    mayImport: [ERRORS, HTTP_PROBLEM, REQUEST_CONTEXT, HTTP_RESPONSE, LINGERING_CLOSE],
    packages: ['node:http', 'node:stream'],
    pure: true,
  },
  { path: RATE_LIMIT_HEADERS, mayImport: [ERRORS, BATCHING, STORE], packages: [], pure: true },

  { path: PARSE_BODY, mayImport: [...BELOW_STEPS, PARSE_BODY_HELPERS], packages: ['express'], pure: true },
  { path: PARSE_BODY_HELPERS, mayImport: [PARSE_BODY_HELPERS, HAS_BODY, ...BASE], packages: [], pure: true },
  {
    path: VALIDATE,
    mayImport: [...BELOW_STEPS, VALIDATE_HELPERS],
    packages: ['express', 'express-openapi-validator'],
    pure: true,
  },
  { path: VALIDATE_HELPERS, mayImport: [VALIDATE_HELPERS, ...BASE], packages: [], pure: true },
  {
    path: DISPATCH,
    mayImport: [...BELOW_STEPS, HANDLERS, SERVICES, DISPATCH_HELPERS],
    packages: ['express'],
    pure: true,
  },
  { path: DISPATCH_HELPERS, mayImport: BELOW_STEPS, packages: ['node:crypto'], pure: true },
  {
    path: APP,
    mayImport: [
      ...[SERVICES, CONCURRENCY_LIMIT, FIND_OPERATION, PARSE_BODY, VALIDATE, DISPATCH, HTTP_STEP],
      ...[DOCS, OAUTH_ROUTER, PACKAGES, ADMIN_ROUTER],
    ],
    packages: ['express'],
    pure: true,
  },
  {
    path: WARM_UP,
    mayImport: [GENERATED, ...BASE, FIND_OPERATION, PARSE_BODY],
    packages: ['node:net', 'express'],
    pure: true,
  },
  {
    path: HTTP_SERVER,
    mayImport: [HTTP_SERVER_HELPERS, PROBLEM_RESPONSE],
    packages: ['node:http', 'node:stream'],
    pure: true,
  },
  {
    path: HTTP_SERVER_HELPERS,
    mayImport: [REQUEST_SOURCE, TRUST_PROXY, HAS_BODY],
    packages: ['node:http', 'node:net', 'node:timers/promises'],
    pure: true,
  },
  {
    path: ANONYMOUS_LIMIT,
    mayImport: [ERRORS, PROBLEM_RESPONSE, REQUEST_CONTEXT],
    packages: ['node:http'],
    pure: true,
  },
  {
    path: CONCURRENCY_LIMIT,
    mayImport: [ERRORS, PROBLEM_RESPONSE, REQUEST_CONTEXT, HAS_BODY],
    packages: ['node:http'],
    pure: true,
  },
  {
    path: RECEIVE,
    mayImport: [CREDENTIALS, PROBLEM_RESPONSE, REQUEST_CONTEXT, REQUEST_SOURCE],
    packages: ['node:crypto', 'node:http'],
    pure: true,
  },
  { path: FIND_OPERATION, mayImport: BELOW_STEPS, packages: ['express'], pure: true },
  // The other steps. Only types are imported from Express.
  { path: HTTP_STEP, mayImport: BELOW_STEPS, packages: ['express', 'node:http'], pure: true },

  {
    path: OAUTH_ROUTER,
    mayImport: [OAUTH, STORE, ...BASE, HTTP_PROBLEM, REQUEST_CONTEXT],
    packages: ['express'],
    pure: true,
  },
  { path: OAUTH, mayImport: [OAUTH, ACCESS, STORE, ...BASE], packages: [], pure: true },
  { path: PACKAGES, mayImport: [PACKAGES, CONTRACT, STORE, CODEGEN, ...BASE], packages: ['express'], pure: true },
  { path: DOCS, mayImport: [DOCS], packages: ['node:module', 'node:path', 'express', 'swagger-ui-dist'], pure: true },
  {
    path: ADMIN_ROUTER,
    mayImport: [...ADMIN_PAGES, ADMIN_HTTP, STORE, ...BASE, REQUEST_CONTEXT],
    packages: ['express', 'node:http'],
    pure: true,
  },
  { path: ADMIN_CORE, mayImport: [ADMIN_CORE, STORE, CONTRACT, WEBHOOKS, ...BASE], packages: [], pure: true },
  { path: ADMIN_FORMS, mayImport: [ADMIN_FORMS, ADMIN_CORE, STORE, ...BASE], packages: [], pure: true },
  { path: ADMIN_CHARTS, mayImport: [ADMIN_CHARTS, ADMIN_CORE, STORE], packages: [], pure: true },
  {
    path: ADMIN_HTTP,
    mayImport: [
      ADMIN_HTTP,
      ADMIN_FORMS,
      ADMIN_CORE,
      STORE,
      CODEGEN,
      ...BASE,
      HTTP_PROBLEM,
      REQUEST_CONTEXT,
      REQUEST_SOURCE,
    ],
    // Only types are imported from Express.
    packages: ['express', 'node:crypto', 'node:fs', 'node:path'],
    pure: true,
  },
  {
    path: ADMIN,
    mayImport: [...ADMIN_PAGES, ACCESS, STORE, CONTRACT, WEBHOOKS, CODEGEN, ...BASE, HTTP_PROBLEM],
    packages: ['@node-rs/argon2'],
    pure: true,
  },
];

const PROCESS: readonly Layer[] = [
  { path: LOGGER, mayImport: [OBSERVABILITY], packages: ['pino'] },
  {
    path: OBSERVABILITY,
    mayImport: [
      OBSERVABILITY,
      LOGGER,
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
      ...[...SERVER, SERVICES, WIRING, APP, WARM_UP, VALIDATE, RECEIVE, TRUST_PROXY],
      ...[HTTP_SERVER, HTTP_SERVER_HELPERS, ANONYMOUS_LIMIT, CONCURRENCY_LIMIT, FIND_OPERATION],
    ],
    packages: ['node:'],
  },

  { path: 'scorecard/cli.ts', mayImport: ['scorecard/', WIRING, POSTGRES, STORE], packages: ['node:'] },
  { path: 'scorecard/', mayImport: ['scorecard/', CODEGEN, HANDLERS, WIRING], packages: ['node:', 'pg'] },
];

const PRODUCT: readonly Layer[] = [...LIBRARY, ...DOMAIN, ...HTTP, ...PROCESS];
const productPaths = PRODUCT.map(({ path }) => path);

/**
 * The import rules of this repository. The programs (`cli.ts`, `main.ts`, `worker.ts`) are imported by tests only, and
 * `test/` and `bench/` only by themselves.
 */
export const LAYERS: readonly Layer[] = [
  ...PRODUCT,
  { path: 'bench/', mayImport: ['bench/', ...productPaths] },
  { path: 'test/', mayImport: ['test/', ...productPaths] },
];
