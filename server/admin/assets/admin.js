// Enhancements: every page works without JavaScript.

/** Adds a copy button after each element with `data-copy`, which names its content. */
for (const source of document.querySelectorAll('[data-copy]')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'copy';
  button.textContent = 'Copy';
  button.setAttribute('aria-label', `Copy ${source.dataset.copy}`);
  const status = document.createElement('span');
  status.setAttribute('role', 'status');
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      status.textContent = 'Copied.';
    } catch {
      // Browsers offer the clipboard over https and on localhost only: select the text for copying by hand.
      getSelection().selectAllChildren(source);
      status.textContent = 'Press Ctrl+C to copy.';
    }
  });
  source.after(button, status);
}

/** Adds a button for each preset of scopes, which checks the scopes of the preset and unchecks all others. */
for (const choices of document.querySelectorAll('.choices')) {
  const boxes = [...choices.querySelectorAll('[data-presets]')];
  const presetsOf = (box) => box.dataset.presets.split(' ');
  for (const preset of new Set(boxes.flatMap(presetsOf))) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = `Select preset ${preset}`;
    button.addEventListener('click', () => {
      for (const box of boxes) box.checked = presetsOf(box).includes(preset);
    });
    choices.before(button, ' ');
  }
}

/** On a phone the navigation is wider than the screen: scroll the current section into view. */
document.querySelector('nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });

/** After a new secret, a reload opens the page it belongs to instead of creating another secret. */
const after = document.querySelector('[data-after]');
if (after) history.replaceState(null, '', after.dataset.after);

/** Prevents a second submission while a form waits for its response. */
for (const form of document.querySelectorAll('form[method=post]')) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = 'yes';
  });
}
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent;
});

/** Refreshes the parts with `data-live`, unless one of them has the focus or contains an open table. */
const REFRESH_INTERVAL_MS = 4000;

async function refresh() {
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
if (document.querySelector('[data-live]')) setInterval(() => refresh().catch(() => {}), REFRESH_INTERVAL_MS);
