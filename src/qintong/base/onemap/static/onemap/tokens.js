// Design tokens as the page shows them now, and a call when day turns to night.

export function token(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export function onThemeChange(call) {
  const watched = new MutationObserver(call);
  watched.observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", call);
}

export const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
