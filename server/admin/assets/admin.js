// What the pages gain from JavaScript. Each works without it.

/** A copy button beside what is worth copying. */
for (const source of document.querySelectorAll('[data-copy]')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'copy';
  button.textContent = 'Copy';
  button.setAttribute('aria-label', `Copy ${source.dataset.copy}`);
  const said = document.createElement('span');
  said.setAttribute('role', 'status');
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      said.textContent = 'Copied.';
    } catch {
      // Without https a browser lends nobody its clipboard: the text is marked, to be copied by hand.
      getSelection().selectAllChildren(source);
      said.textContent = 'Press Ctrl-C.';
    }
  });
  source.after(button, said);
}

/** On a phone the sections of the dashboard are a row that is wider than the screen: the current one is in sight. */
document.querySelector('nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });

/** After a secret was shown, a reload goes to the page it belongs to, instead of making another one. */
const after = document.querySelector('[data-after]');
if (after) history.replaceState(null, '', after.dataset.after);

/** A form that waits for its answer is not sent twice. */
for (const form of document.querySelectorAll('form[method=post]')) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = 'yes';
  });
}
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent;
});

/** Parts of a page that stay current. What somebody reads or has unfolded is left alone. */
const LIVE_MS = 4000;

async function renew() {
  const parts = [...document.querySelectorAll('[data-live]')];
  const busy = parts.some((part) => part.contains(document.activeElement) || part.querySelector('details[open]'));
  if (busy || document.hidden) return;
  const response = await fetch(location.href, { headers: { 'X-IHF-Live': 'yes' }, redirect: 'manual' });
  if (!response.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html').querySelectorAll('[data-live]');
  parts.forEach((part, index) => {
    if (fresh[index]) part.replaceChildren(...fresh[index].childNodes);
  });
}
if (document.querySelector('[data-live]')) setInterval(() => renew().catch(() => {}), LIVE_MS);
