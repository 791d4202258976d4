// Search on the map: plate, company, structure, route and stake. The server answers with buttons.

const WAIT_MS = 200;

export function mapSearch(input, results, onChoose) {
  let waiting;
  let asked = 0;
  const ask = async () => {
    const text = input.value.trim();
    const number = (asked += 1);
    if (!text) {
      results.hidden = true;
      return;
    }
    const answer = await fetch(`${input.dataset.url}?q=${encodeURIComponent(text)}`);
    const html = await answer.text();
    if (number !== asked) return;
    results.innerHTML = html;
    results.hidden = false;
  };
  const choose = (button) => {
    results.hidden = true;
    onChoose(button.dataset);
  };
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, WAIT_MS);
  });
  input.form?.addEventListener("submit", (event) => event.preventDefault());
  input.addEventListener("keydown", ({ key }) => {
    const first = results.querySelector("button");
    if (key === "Escape") results.hidden = true;
    else if (key === "ArrowDown") first?.focus();
    else if (key === "Enter" && !results.hidden && first) choose(first);
  });
  results.addEventListener("keydown", (event) => {
    const buttons = [...results.querySelectorAll("button")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    (buttons[buttons.indexOf(document.activeElement) + step] || input).focus();
  });
  results.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button) choose(button);
  });
}
