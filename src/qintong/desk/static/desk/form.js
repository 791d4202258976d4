// A form: Ctrl S, the summary of errors takes focus, leaving with unsaved changes is asked.
const form = document.getElementById('form');
let isDirty = form.hasAttribute('data-dirty');

document.querySelector('[data-summary]')?.focus();
form.addEventListener('input', () => { isDirty = true; });
form.addEventListener('submit', () => { isDirty = false; });
document.querySelector('[data-leave]')?.addEventListener('click', () => { isDirty = false; });

window.addEventListener('beforeunload', (event) => {
  if (isDirty) event.preventDefault();
});

document.addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's') {
    event.preventDefault();
    form.requestSubmit();
  }
});

// A link of the summary leads into the field, whatever it is made of.
form.addEventListener('click', (event) => {
  const link = event.target.closest('[data-summary] a[href^="#"]');
  if (!link) return;
  event.preventDefault();
  const target = document.getElementById(link.hash.slice(1));
  const input = target?.matches('input,select,textarea') ? target : target?.querySelector('input');
  (input ?? target)?.scrollIntoView({ block: 'center' });
  input?.focus({ preventScroll: true });
});

const steps = [...form.querySelectorAll('.steps a')];
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    steps.forEach((step) => step.classList.toggle('on', step.hash === `#${entry.target.id}`));
  }
}, { root: document.getElementById('main'), rootMargin: '-10% 0px -70%' });
form.querySelectorAll('section[id^=part-]').forEach((part) => seen.observe(part));
