// Shows the contract as it stands now, notices when it moves on, and offers the new one.
/* global SwaggerUIBundle */
import { answersPlugin } from './answers.js';
import { readWords, wordsPlugin } from './words.js';

const CONTRACT = '../openapi.json';
const LOOK_EVERY_MS = 10_000;
const CHANGES_SHOWN = 5;

const byId = (id) => document.getElementById(id);

/** What the page shows, and what it has offered to show: each a contract with its ETag. */
let shown;
let offered;
let viewer;

followColours();
start().catch((error) => {
  byId('viewer').textContent = `The contract cannot be read: ${error.message}. Reload the page to try again.`;
});

async function start() {
  const contract = await readContract();
  const ids = await idsOfThisHub(contract.document).catch(() => new Map());
  viewer = SwaggerUIBundle({
    spec: present(contract, ids),
    dom_id: '#viewer',
    plugins: [wordsPlugin, answersPlugin],
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
    viewer.specActions.updateJsonSpec(present(offered, ids));
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
function present(contract, ids) {
  shown = offered = contract;
  byId('revision').textContent = `contract revision ${contract.revision}`;
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
    byId('news-title').textContent = `The contract is now at revision ${next.revision}.`;
    byId('news-changes').replaceChildren(...lines.map(listItem));
    byId('news').hidden = next.etag === shown.etag;
  } catch {
    // The hub is away; it will be asked again.
  }
}

async function changesBetween(from, to) {
  const response = await fetch(`../contract/diff?from=${from}&to=${to}`);
  return response.ok ? (await response.json()).changes : [];
}

function listItem(text) {
  const item = document.createElement('li');
  item.textContent = text;
  return item;
}

/**
 * For each id in the contract's examples one that this hub really has, from its newest event or else its newest
 * widget, so that an example can be sent as it is.
 */
async function idsOfThisHub({ paths, security }) {
  for (const path of ['/api/v2/interaction-events', '/api/v2/widgets']) {
    const list = paths[path].get;
    // What asks for a key is not asked without one.
    if ((list.security ?? security ?? []).length > 0) continue;
    const example = list.responses[200].content['application/json'].examples.page.value.data[0];
    const page = await (await fetch(`${path}?limit=1`)).json();
    const row = page.data?.[0];
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
