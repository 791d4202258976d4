// A word at the edge of the page: with an undo for eight seconds; a failure stays until closed.

const STAYS_MS = 8_000;

function box() {
  const found = document.querySelector(".toasts");
  if (found) return found;
  const made = document.createElement("div");
  made.className = "toasts";
  made.setAttribute("role", "status");
  document.body.append(made);
  return made;
}

function addButton(line, words, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-ghost btn-sm";
  button.textContent = words;
  button.addEventListener("click", () => { line.remove(); act(); });
  line.append(button);
}

export function tell({ text: words, failed, undo, undoTitle, closeTitle }) {
  const line = document.createElement("div");
  line.className = failed ? "toast error" : "toast";
  const text = document.createElement("span");
  text.textContent = words;
  line.append(text);
  if (undo) addButton(line, undoTitle, () => window.htmx.ajax("POST", undo, { target: "#work", swap: "innerHTML" }));
  if (failed) addButton(line, closeTitle, () => {});
  else setTimeout(() => line.remove(), STAYS_MS);
  box().append(line);
}
