// A foreign key found by typing. The server answers with what the person may choose.
for (const combo of document.querySelectorAll('[data-combo]')) {
  const [text, key] = combo.querySelectorAll('input');
  const list = combo.querySelector('ul');
  let at = -1;
  let timer = 0;
  let asked = 0;

  const options = () => [...list.querySelectorAll('[data-key]')];
  const open = (isOpen) => {
    list.hidden = !isOpen;
    text.setAttribute('aria-expanded', String(isOpen));
    if (!isOpen) { at = -1; text.removeAttribute('aria-activedescendant'); }
  };

  const look = async () => {
    const mine = ++asked;
    const address = new URL(combo.dataset.combo, location.origin);
    address.searchParams.set('find', text.value);
    const answer = await fetch(address);
    if (!answer.ok || mine !== asked) return;
    list.innerHTML = await answer.text();
    options().forEach((option, i) => { option.id = `${list.id}_${i}`; });
    open(true);
    point(0);
  };

  const point = (to) => {
    const all = options();
    if (!all.length) return;
    at = (to + all.length) % all.length;
    all.forEach((option, i) => option.setAttribute('aria-selected', String(i === at)));
    text.setAttribute('aria-activedescendant', all[at].id);
    all[at].scrollIntoView({ block: 'nearest' });
  };

  const choose = (option) => {
    key.value = option.dataset.key;
    text.value = option.textContent;
    open(false);
    text.dispatchEvent(new Event('change', { bubbles: true }));
  };

  text.addEventListener('input', () => {
    key.value = '';
    clearTimeout(timer);
    timer = setTimeout(look, 150);
  });
  text.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') { event.preventDefault(); if (list.hidden) look(); else point(at + 1); }
    if (event.key === 'ArrowUp' && !list.hidden) { event.preventDefault(); point(at - 1); }
    if (event.key === 'Enter' && !list.hidden && at >= 0) { event.preventDefault(); choose(options()[at]); }
    if (event.key === 'Escape' && !list.hidden) { event.stopPropagation(); open(false); }
  });
  text.addEventListener('blur', () => setTimeout(() => open(false), 150));
  list.addEventListener('mousedown', (event) => {
    const option = event.target.closest('[data-key]');
    if (option) { event.preventDefault(); choose(option); }
  });
}
