// The shell: clock, keys that work everywhere, dialogs, theme, toasts.
const singleKeys = () => document.body.dataset.singleKeys !== 'off';

export const typing = (event) =>
  event.target.closest('input:not([type=checkbox]):not([type=radio]),textarea,select,[contenteditable]') !== null;

const clock = document.querySelector('[data-clock]');
if (clock) {
  const tick = () => {
    clock.textContent = new Date().toLocaleTimeString('zh-CN', { hour12: false, timeZone: 'Asia/Shanghai' });
  };
  tick();
  setInterval(tick, 1000);
}

export function remember(name, value) {
  document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax`;
}

document.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-open]');
  if (opener) document.getElementById(opener.dataset.open)?.showModal();
  if (event.target.closest('[data-close]')) event.target.closest('dialog')?.close();
  if (event.target.matches('dialog')) event.target.close(); // a click on the backdrop
  event.target.closest('[data-dismiss]')?.closest('.toast')?.remove();
  if (event.target.closest('[data-theme-toggle]')) {
    const root = document.documentElement;
    root.dataset.bsTheme = root.dataset.bsTheme === 'dark' ? 'light' : 'dark';
    remember('theme', root.dataset.bsTheme);
    document.dispatchEvent(new CustomEvent('q:theme'));
  }
  const density = event.target.closest('[data-density-set]');
  if (density) {
    document.documentElement.dataset.density = density.dataset.densitySet;
    remember('density', density.dataset.densitySet);
    density.parentElement.querySelectorAll('a,button').forEach((b) => b.classList.toggle('on', b === density));
  }
});

let pending = '';
document.addEventListener('keydown', (event) => {
  if (!singleKeys() || typing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  if (pending === 'g') {
    const target = { h: '/', m: '/map/', d: '/duty/' }[key];
    pending = '';
    if (target) location.assign(target);
    return;
  }
  if (key === '/') {
    event.preventDefault();
    document.getElementById('find')?.focus();
  } else if (key === '?') {
    document.getElementById('keys')?.showModal();
  } else if (key === 'g') {
    pending = 'g';
    setTimeout(() => { pending = ''; }, 1200);
  }
});

setTimeout(() => document.querySelectorAll('.toast:not(.error, .stay)').forEach((t) => t.remove()), 8000);
