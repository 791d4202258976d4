// A thing's page: back to the list it was opened from, the one before and after, keys.
import { typing } from './shell.js';

const list = JSON.parse(sessionStorage.getItem('q:list') ?? 'null');
const at = list ? list.rows.indexOf(location.pathname) : -1;
const previous = document.querySelector('[data-previous]');
const next = document.querySelector('[data-next]');

if (at >= 0) {
  document.querySelector('[data-back]').href = list.address;
  for (const [link, href] of [[previous, list.rows[at - 1]], [next, list.rows[at + 1]]]) {
    if (href) { link.href = href; link.hidden = false; }
  }
}

document.addEventListener('click', (event) => {
  if (event.target.closest('[data-print]')) window.print();
});

document.addEventListener('keydown', (event) => {
  if (typing(event) || document.body.dataset.singleKeys === 'off') return;
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
  if (event.key === 'j' && !next.hidden) location.assign(next.href);
  if (event.key === 'k' && !previous.hidden) location.assign(previous.href);
  if (event.key === 'e') document.querySelector('[data-key=e]')?.click();
});
