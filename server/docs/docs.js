// Shows the contract as it stands now, notices when it moves on, and offers the new one.
/* global SwaggerUIBundle */

import { authorization, callerPlugin } from './authorization.js';
import { answersPlugin } from './error-responses.js';
import { readWords, wordsPlugin } from './registry-values.js';

const CONTRACT = '../openapi.json';
const LOOK_EVERY_MS = 10_000;
const CHANGES_SHOWN = 5;

const byId = (id) => document.getElementById(id);

/** What the page shows, and what it has offered to show: each a contract with its ETag. */
let shown;
let offered;
let viewer;
/** The ids of the caller's hub, by those of the examples that they replace. */
let ids = new Map();

followColours();
start().catch((error) => {
  byId('viewer').textContent = `The contract cannot be read: ${error.message}. Reload the page to try again.`;
});

async function start() {
  const contract = await readContract();
  viewer = SwaggerUIBundle({
    spec: present(contract),
    dom_id: '#viewer',
    plugins: [wordsPlugin, answersPlugin, callerPlugin(fillIn)],
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
      if (revision > shown.revision) look();
      return response;
    },
  });
  byId('news-show').onclick = () => {
    viewer.specActions.updateJsonSpec(present(offered));
    byId('news').hidden = true;
    byId('revision').focus();
  };
  byId('news-later').onclick = () => {
    byId('news').hidden = true;
  };
  setInterval(look, LOOK_EVERY_MS);
  document.addEventListener('visibilitychange', look);
}

/** The contract, or nothing if it is still the one with this ETag. */
async function readContract(etag) {
  const response = await fetch(CONTRACT, etag ? { headers: { 'If-None-Match': etag } } : {});
  if (response.status === 304) return;
  if (!response.ok) throw new Error(`the hub answers ${response.status}`);
  const document = await response.json();
  return { document, etag: response.headers.get('etag'), revision: document.info['x-ihf-revision'] };
}

/** Makes a contract the one that the page shows. */
function present(contract) {
  shown = offered = contract;
  byId('revision').textContent = `contract revision ${contract.revision}`;
  byId('revision').href = `../contract/revisions/${contract.revision}/openapi.json`;
  readWords(contract.document);
  return withIds(contract.document, ids);
}

/** Asks whether the contract has moved on since it was last shown or offered. */
async function look() {
  if (document.hidden) return;
  try {
    const next = await readContract(offered.etag);
    if (!next) return;
    offered = next;
    const changes = await changesBetween(shown.revision, next.revision);
    const more = changes.length - CHANGES_SHOWN;
    const lines = changes.slice(0, CHANGES_SHOWN).map((change) => change.detail);
    if (more > 0) lines.push(`and ${more} more`);
    if (changes.length === 0) lines.push('Authorize to read what has changed.');
    byId('news-title').textContent = `The contract is now at revision ${next.revision}.`;
    byId('news-changes').replaceChildren(...lines.map(listItem));
    byId('news').hidden = next.etag === shown.etag;
  } catch {
    // The hub is away; it will be asked again.
  }
}

async function changesBetween(from, to) {
  const { changes } = (await ask(`../contract/diff?from=${from}&to=${to}`)) ?? {};
  return changes ?? [];
}

function listItem(text) {
  const item = document.createElement('li');
  item.textContent = text;
  return item;
}

/** What the hub answers to whom the reader authorized; nothing if it has no answer for him. */
async function ask(path) {
  const headers = authorization(viewer);
  if (!headers) return;
  const response = await fetch(path, { headers });
  return response.ok ? response.json() : undefined;
}

/** Fills the examples in with what the caller's own hub has, also those that are on the page to be sent. */
async function fillIn() {
  const before = ids;
  ids = await idsOfThisHub(shown.document).catch(() => new Map());
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
 * For each id in the contract's examples one that the caller's hub really has, from its newest event or else its
 * newest widget, so that an example can be sent as it is.
 */
async function idsOfThisHub({ paths }) {
  for (const path of ['/api/v2/interaction-events', '/api/v2/widgets']) {
    const example = paths[path].get.responses[200].content['application/json'].examples.page.value.data[0];
    const row = (await ask(`${path}?limit=1`))?.data[0];
    const keys = ['id', 'hub_id', 'widget_id'].filter((key) => row?.[key]);
    if (row) return new Map(keys.map((key) => [example[key], row[key]]));
  }
  return new Map();
}

/** The document with the ids of its examples replaced. */
function withIds(document, ids) {
  return JSON.parse(JSON.stringify(document), (_, value) => ids.get(value) ?? value);
}

function followColours() {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
  dark.onchange = apply;
  apply();
}
