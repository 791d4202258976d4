// The list: keys, choice of rows, the filter panel, columns, counts of the views.
import { typing } from './shell.js';

const list = document.getElementById('list');
const rows = () => [...list.querySelectorAll('tbody tr')];
let current = -1;
let anchor = -1;

function move(to) {
  const all = rows();
  if (!all.length) return;
  current = Math.max(0, Math.min(to, all.length - 1));
  all.forEach((row, i) => row.classList.toggle('cur', i === current));
  all[current].scrollIntoView({ block: 'nearest' });
}

function picks() {
  return [...list.querySelectorAll('tbody .pick')];
}

function recount() {
  const chosen = picks().filter((box) => box.checked).length;
  const every = list.querySelector('#all-rows')?.checked;
  const total = Number(list.querySelector('table')?.dataset.total ?? 0);
  const label = list.querySelector('[data-picked]');
  if (label) label.textContent = (every ? total : chosen).toLocaleString('en');
  const all = list.querySelector('[data-all]');
  if (all) {
    all.checked = chosen > 0 && chosen === picks().length;
    all.indeterminate = chosen > 0 && !all.checked;
  }
}

list.addEventListener('change', (event) => {
  if (event.target.matches('[data-all]')) picks().forEach((box) => { box.checked = event.target.checked; });
  if (event.target.matches('#page-size')) event.target.form.submit();
  if (event.target.matches('.pick, #all-rows')) recount();
});

list.addEventListener('click', async (event) => {
  const opener = event.target.closest('[data-panel]');
  const panel = document.getElementById('panel');
  if (opener) {
    const open = opener.getAttribute('aria-expanded') === 'true';
    opener.setAttribute('aria-expanded', String(!open));
    if (open) panel.replaceChildren();
    else await window.htmx.ajax('GET', opener.dataset.panel, { target: panel, swap: 'innerHTML' });
    panel.querySelector('input:not([type=hidden])')?.focus();
  }
  const sorter = event.target.closest('th a[data-more]');
  if (sorter && event.shiftKey) { event.preventDefault(); location.assign(sorter.dataset.more); }
  if (event.target.closest('[data-up]')) {
    const item = event.target.closest('li');
    item.previousElementSibling?.before(item);
  }
  if (event.target.closest('[data-apply]')) {
    const names = [...list.querySelectorAll('[data-columns] input:checked')].map((box) => box.value);
    const url = new URL(location.href);
    url.searchParams.set('columns', names.join(','));
    location.assign(url);
  }
  if (event.target.closest('[data-print]')) window.print();
  const row = event.target.closest('tbody tr');
  if (row) move(rows().indexOf(row));
});

document.addEventListener('keydown', (event) => {
  if (typing(event) || document.body.dataset.singleKeys === 'off') return;
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
  const box = picks()[current];
  switch (event.key) {
    case 'j': move(current + 1); break;
    case 'k': move(current - 1); break;
    case 'x': if (box) { box.checked = !box.checked; anchor = current; recount(); } break;
    case 'X':
      if (box) {
        const [from, to] = [Math.min(anchor, current), Math.max(anchor, current)];
        picks().slice(Math.max(from, 0), to + 1).forEach((b) => { b.checked = true; });
        recount();
      }
      break;
    case 'Enter': if (current >= 0 && event.target.closest('a,button') === null) location.assign(rows()[current].dataset.href); break;
    case 'f': case 'n': case 'v': list.querySelector(`[data-key=${event.key}]`)?.click(); break;
    case 'Escape': picks().forEach((b) => { b.checked = false; }); recount(); break;
    default:
  }
});

async function countViews() {
  const marks = [...list.querySelectorAll('[data-count]')];
  if (!marks.length) return;
  const query = new URLSearchParams(marks.map((mark) => ['query', mark.dataset.count]));
  const answer = await fetch(`${location.pathname}views/counts/?${query}`, { headers: { Accept: 'application/json', 'X-Background': '1' } });
  if (!answer.ok) return;
  const counts = await answer.json();
  marks.forEach((mark, i) => { mark.textContent = counts[i] ?? ''; });
}

// The page of a thing finds its way back, and the rows before and after it, here.
function keepOrder() {
  const order = { address: location.pathname + location.search, rows: rows().map((row) => row.dataset.href) };
  sessionStorage.setItem('q:list', JSON.stringify(order));
}

list.addEventListener('htmx:afterSettle', () => { recount(); keepOrder(); });
recount();
keepOrder();
countViews();
