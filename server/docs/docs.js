// Shows the current contract, and offers a new revision when there is one.
/* global SwaggerUIBundle */
import { authorizationHeader, authorizationPlugin } from './authorization.js';
import { errorResponsesPlugin } from './error-responses.js';
import { readValues, registryValuesPlugin } from './registry-values.js';

const CONTRACT = '../openapi.json';
const CHECK_INTERVAL_MS = 10_000;
const CHANGES_SHOWN = 5;

const byId = (id) => document.getElementById(id);

/** The contract on the page, and the newest one that the page has offered. */
let shown;
let offered;
let viewer;
/** The ids of the caller's hub, by the ids of the examples that they replace. */
let ids = new Map();

followColorScheme();
start().catch((error) => {
  byId('viewer').textContent = `The contract cannot be loaded: ${error.message}. Reload the page to try again.`;
});

async function start() {
  const contract = await fetchContract();
  viewer = SwaggerUIBundle({
    spec: show(contract),
    dom_id: '#viewer',
    plugins: [registryValuesPlugin, errorResponsesPlugin, authorizationPlugin(fillInExamples)],
    deepLinking: true,
    docExpansion: 'list',
    defaultModelsExpandDepth: 0,
    defaultModelExpandDepth: 2,
    displayRequestDuration: true,
    filter: true,
    syntaxHighlight: { theme: 'nord' },
    tryItOutEnabled: true,
    validatorUrl: null,
    responseInterceptor: (response) => {
      const revision = Number(response.headers?.['ihf-contract-revision']);
      if (revision > shown.revision) checkForRevision();
      return response;
    },
  });
  byId('update-show').onclick = () => {
    viewer.specActions.updateJsonSpec(show(offered));
    byId('update').hidden = true;
    byId('revision').focus();
  };
  byId('update-later').onclick = () => {
    byId('update').hidden = true;
  };
  setInterval(checkForRevision, CHECK_INTERVAL_MS);
  document.addEventListener('visibilitychange', checkForRevision);
}

/**
 * Removes the examples of optional query parameters: the viewer would fill them in, and a request would be sent with every
 * filter at once.
 */
function withoutFilterExamples(document) {
  for (const parameter of Object.values(document.components.parameters)) {
    if (parameter.in === 'query' && !parameter.required) delete parameter.example;
  }
  return document;
}

/** The contract; undefined if it still has this ETag. */
async function fetchContract(etag) {
  const response = await fetch(CONTRACT, etag ? { headers: { 'If-None-Match': etag } } : {});
  if (response.status === 304) return;
  if (!response.ok) throw new Error(`the server responded with status ${response.status}`);
  const document = withoutFilterExamples(await response.json());
  return { document, etag: response.headers.get('etag'), revision: document.info['x-ihf-revision'] };
}

/** Makes a contract the one on the page. */
function show(contract) {
  shown = offered = contract;
  byId('revision').textContent = `contract revision ${contract.revision}`;
  byId('revision').href = `../contract/revisions/${contract.revision}/openapi.json`;
  readValues(contract.document);
  return withIds(contract.document, ids);
}

/** Offers a revision that is newer than those the page has shown or offered. */
async function checkForRevision() {
  if (document.hidden) return;
  try {
    const next = await fetchContract(offered.etag);
    if (!next) return;
    offered = next;
    const changes = await changesBetween(shown.revision, next.revision);
    const more = changes.length - CHANGES_SHOWN;
    const lines = changes.slice(0, CHANGES_SHOWN).map((change) => change.detail);
    if (more > 0) lines.push(`and ${more} more`);
    if (changes.length === 0) lines.push('Authorize to see the changes.');
    byId('update-title').textContent = `Contract revision ${next.revision} is available.`;
    byId('update-changes').replaceChildren(...lines.map(listItem));
    byId('update').hidden = next.etag === shown.etag;
  } catch {
    // The server is unavailable; the next check tries again.
  }
}

async function changesBetween(from, to) {
  const { changes } = (await fetchAuthorized(`../contract/diff?from=${from}&to=${to}`)) ?? {};
  return changes ?? [];
}

function listItem(text) {
  const item = document.createElement('li');
  item.textContent = text;
  return item;
}

/** A response body, requested with the reader's credential; undefined without a credential or on an error. */
async function fetchAuthorized(path) {
  const headers = authorizationHeader(viewer);
  if (!headers) return;
  const response = await fetch(path, { headers });
  return response.ok ? response.json() : undefined;
}

/** Replaces the ids of the examples with ids of the caller's hub, also in request bodies that are open on the page. */
async function fillInExamples() {
  const before = ids;
  ids = await idsOfCallersHub(shown.document).catch(() => new Map());
  viewer.specActions.updateJsonSpec(withIds(shown.document, ids));
  const filled = (text) =>
    [...ids].reduce((all, [example, id]) => all.replaceAll(before.get(example) ?? example, id), text);
  for (const [path, operations] of Object.entries(shown.document.paths)) {
    for (const method of Object.keys(operations)) {
      const body = viewer.oas3Selectors.requestBodyValue(path, method);
      if (typeof body !== 'string') continue;
      viewer.oas3Actions.setRequestBodyValue({ value: filled(body), pathMethod: [path, method] });
    }
  }
}

/**
 * For the ids in the examples, existing ids of the caller's hub: those of its newest event, or else of its newest widget.
 * With them an example can be sent unchanged.
 */
async function idsOfCallersHub({ paths }) {
  for (const path of ['/api/v2/interaction-events', '/api/v2/widgets']) {
    const example = paths[path].get.responses[200].content['application/json'].examples.page.value.data[0];
    const row = (await fetchAuthorized(`${path}?limit=1`))?.data[0];
    const keys = ['id', 'hub_id', 'widget_id'].filter((key) => row?.[key]);
    if (row) return new Map(keys.map((key) => [example[key], row[key]]));
  }
  return new Map();
}

/** The document with the ids of its examples replaced. */
function withIds(document, ids) {
  return JSON.parse(JSON.stringify(document), (_, value) => ids.get(value) ?? value);
}

function followColorScheme() {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
  dark.onchange = apply;
  apply();
}
