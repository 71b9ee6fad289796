// The files and folders that the import rules are about.

export const CODEGEN = 'codegen/';
export const GENERATED = 'generated/';
export const TYPESCRIPT_RUNTIME = 'sdk-templates/typescript/';

export const ERRORS = 'server/errors.ts';
export const PATTERNS = 'server/patterns.ts';
export const CREDENTIALS = 'server/credentials.ts';
export const ENVIRONMENT = 'server/environment.ts';
export const STORE = 'server/store/';
export const ACCESS = 'server/access/';
export const BATCHING = 'server/batching/';
export const CONTRACT = 'server/contract/';
export const WEBHOOKS = 'server/webhooks/';
export const HANDLERS = 'server/handlers/';
export const SERVICES = 'server/services.ts';

export const HTTP_PROBLEM = 'server/http/problem.ts';
export const HTTP_REQUEST = 'server/http/request.ts';
export const REQUEST_CONTEXT = 'server/http/request-context.ts';
export const REQUEST_SOURCE = 'server/http/request-source.ts';
export const TRUST_PROXY = 'server/http/trust-proxy.ts';
export const HAS_BODY = 'server/http/has-body.ts';
export const HTTP_RESPONSE = 'server/http/response.ts';
export const CONTENT_ENCODING = 'server/http/content-encoding.ts';
export const SEND_FILE = 'server/http/send-file.ts';
export const STATIC_FILES = 'server/http/static-files.ts';
export const PROBLEM_RESPONSE = 'server/http/problem-response.ts';
export const LINGERING_CLOSE = 'server/http/lingering-close.ts';
export const BODY_ERRORS = 'server/http/body-errors.ts';
export const BYTES_IN_FLIGHT = 'server/http/bytes-in-flight.ts';
export const RATE_LIMIT_HEADERS = 'server/http/rate-limit-headers.ts';
/** One file per step of a request. The helpers of a step are in a folder with its name. */
export const HTTP_STEP = 'server/http/';
export const OPERATION_STEPS = 'server/http/operation-steps.ts';
export const STEP = 'server/http/step.ts';
export const INGEST = 'server/ingest/';
export const RECEIVE = 'server/http/receive.ts';
export const FIND_OPERATION = 'server/http/find-operation.ts';
export const PARSE_BODY = 'server/http/parse-body.ts';
export const AUTHENTICATE = 'server/http/authenticate.ts';
export const AUTHENTICATE_HELPERS = 'server/http/authenticate/';
export const PARSE_BODY_HELPERS = 'server/http/parse-body/';
export const VALIDATE = 'server/http/validate.ts';
export const VALIDATE_HELPERS = 'server/http/validate/';
export const DISPATCH = 'server/http/dispatch.ts';
export const DISPATCH_HELPERS = 'server/http/dispatch/';
export const APP = 'server/http/app.ts';
export const HTTP_SERVER = 'server/http/http-server.ts';
export const HTTP_SERVER_HELPERS = 'server/http/http-server/';
export const RESPONSE_DEADLINE = 'server/http/response-deadline.ts';
export const ANONYMOUS_LIMIT = 'server/http/anonymous-limit.ts';
export const ANONYMOUS_TURNS = 'server/http/anonymous-turns.ts';
export const CONCURRENCY_LIMIT = 'server/http/concurrency-limit.ts';
export const WARM_UP = 'server/http/warm-up.ts';

export const OAUTH = 'server/oauth/';
export const OAUTH_ROUTER = 'server/oauth/router.ts';
export const PACKAGES = 'server/packages/';
export const DOCS = 'server/docs/';
export const ADMIN = 'server/admin/';
export const ADMIN_ROUTER = 'server/admin/router.ts';
export const ADMIN_CORE = 'server/admin/core/';
export const ADMIN_FORMS = 'server/admin/forms/';
export const ADMIN_HTTP = 'server/admin/http/';
export const ADMIN_CHARTS = 'server/admin/charts/';
export const ADMIN_PAGES = [ADMIN, ADMIN_CORE, ADMIN_FORMS, ADMIN_CHARTS];
export const OBSERVABILITY = 'server/observability/';
export const LOGGER = 'server/observability/logger.ts';
export const CLUSTER_METRICS = 'server/observability/cluster-metrics.ts';
export const PROCESSES = 'server/processes/';
export const POSTGRES = 'server/postgres/';
export const CLI = 'server/cli/';
/** What starts and stops a node: `config.ts`, `server.ts`, `services.ts`, `maintenance.ts` … */
export const WIRING = 'server/*';

/** What every layer of the server may import. */
export const BASE = [ERRORS, PATTERNS, CREDENTIALS];

/** What a step of a request may import: layers below HTTP and the files that all steps share, but no other step. */
export const HTTP_SHARED = [
  ...[HTTP_PROBLEM, HTTP_REQUEST, REQUEST_CONTEXT, REQUEST_SOURCE, HAS_BODY],
  ...[STEP, HTTP_RESPONSE, SEND_FILE, PROBLEM_RESPONSE, RATE_LIMIT_HEADERS, BODY_ERRORS, BYTES_IN_FLIGHT],
];
export const BELOW_STEPS = [...BASE, STORE, BATCHING, CONTRACT, GENERATED, CODEGEN, ...HTTP_SHARED];
/** Everything that a program of the server may start. */
export const SERVER = [
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
  PROCESSES,
  POSTGRES,
  CODEGEN,
  GENERATED,
];
