// Keys of the duty desk. Single keys rest while a field has the focus.

const VERDICTS = ["1", "2", "3"];

const press = (act) => document.querySelector(`#work [data-act="${act}"]`)?.click();

function move(queue, step) {
  const rows = [...queue.querySelectorAll("li[data-id] a")];
  const at = rows.findIndex((row) => row.closest("li").classList.contains("on"));
  const next = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
  next?.focus();
  next?.click();
}

export function keys({ queue, toggleSound }) {
  const acts = {
    j: () => move(queue, 1),
    k: () => move(queue, -1),
    " ": () => press("acknowledge"),
    z: () => press("unacknowledge"),
    r: () => press("reopen"),
    v: () => press("track"),
    s: toggleSound,
    n: () => document.getElementById("duty-note")?.focus(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey) {
      event.preventDefault();
      document.querySelector("#work .ask .btn-primary")?.click();
      return;
    }
    const field = event.target.closest("input:not([type=radio]), textarea, select, [contenteditable]");
    if (event.key === "Escape" && field?.closest(".ask")) field.blur();
    if (field || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest("button") && event.key === " ") return;
    if (document.body.dataset.singleKeys === "off") return;
    const verdict = VERDICTS.indexOf(event.key);
    const act = verdict >= 0 ? () => choose(verdict) : acts[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

function choose(index) {
  const choice = document.querySelectorAll('#work [name="verdict"]')[index];
  if (choice) choice.checked = true;
}
