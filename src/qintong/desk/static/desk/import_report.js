// Keys of the import report: J and K walk the rows, A takes the suggestion, S skips the row.

const rows = () => [...document.querySelectorAll("#lines a.pick-row")];

function step(by) {
  const links = rows();
  const current = links.findIndex((link) => link.closest("tr").classList.contains("cur"));
  const next = links[Math.min(Math.max(current + by, 0), links.length - 1)];
  if (next) next.click();
}

function press(acts) {
  const buttons = acts.map((act) => document.querySelector(`.fix button[value="${act}"]`));
  buttons.find(Boolean)?.click();
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  a: () => press(["value", "unit", "update", "cell"]),
  s: () => press(["skip"]),
};

document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, select, textarea") || event.ctrlKey || event.altKey || event.metaKey) return;
  KEYS[event.key.toLowerCase()]?.();
});

document.addEventListener("htmx:afterSwap", () => {
  document.querySelector("#lines tr.cur")?.scrollIntoView({ block: "nearest" });
});
