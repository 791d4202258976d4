// The duty desk: new alarms arrive, everything can be done by keyboard.
import { alarms } from "./live-alarms.js";
import { keys } from "./duty-keys.js";
import * as sound from "./sound.js";
import { tell } from "./toast.js";

const desk = document.getElementById("duty");
const queue = document.getElementById("queue");
const link = document.getElementById("duty-link");
const button = document.getElementById("duty-sound");
const grave = document.getElementById("duty-grave");
const title = document.title;
const known = new Set([...queue.querySelectorAll("li[data-id]")].map((row) => row.dataset.id));
const words = (name, values) => desk.dataset[`words${name}`].replace(/\{(\w+)\}/g, (_, key) => values[key]);
const announced = new Set();
let openedAt = null;
let skew = Infinity;
let pending = null;

function selected() {
  return document.querySelector("#work article[data-id]")?.dataset.id ?? "";
}

function mark() {
  for (const row of queue.querySelectorAll("li[data-id]")) {
    const isCurrent = row.dataset.id === selected();
    row.classList.toggle("cur", isCurrent);
    row.classList.toggle("on", isCurrent);
    row.querySelector("a").toggleAttribute("aria-current", isCurrent);
  }
}

async function refresh() {
  const address = `${desk.dataset.queue}?view=${desk.dataset.view}&alarm=${selected()}`;
  const answer = await fetch(address, { headers: { "X-Background": "1" } });
  if (!answer.ok) return;
  const list = queue.querySelector(".ql");
  const [top, focus] = [list.scrollTop, document.activeElement?.closest(".ql li")?.dataset.id];
  queue.innerHTML = await answer.text();
  window.htmx.process(queue);
  queue.querySelector(".ql").scrollTop = top;
  if (focus) queue.querySelector(`li[data-id="${focus}"] a`)?.focus({ preventScroll: true });
  for (const row of queue.querySelectorAll("li[data-id]")) {
    if (!known.has(row.dataset.id) && row.dataset.state === "new") row.classList.add("new");
    known.add(row.dataset.id);
  }
  if (!selected() && !desk.classList.contains("one")) queue.querySelector(".ql li a")?.click();
}

function refreshSoon() {
  clearTimeout(pending);
  pending = setTimeout(refresh, 60);
}

function show(id) {
  window.htmx.ajax("GET", `/duty/${id}/`, { target: "#work", swap: "innerHTML" });
}

alarms.addEventListener("alarms", ({ detail }) => {
  openedAt ??= detail.at;
  const fresh = detail.changed.filter(
    (alarm) => alarm.state === "new" && alarm.raised >= openedAt && !announced.has(alarm.id),
  );
  if (fresh.length) {
    for (const alarm of fresh) announced.add(alarm.id);
    const worst = fresh.reduce((a, b) => (b.level < a.level ? b : a));
    sound.play(worst.level);
    if (worst.level === 1) grave.textContent = words("Grave", worst);
  }
  document.title = detail.counts.fresh ? `(${detail.counts.fresh}) ${title}` : title;
  if (detail.changed.some((alarm) => String(alarm.id) === selected()) && !document.activeElement?.closest(".ask")) {
    show(selected());
  }
  refreshSoon();
});

for (const kind of ["alarms", "tick"]) {
  alarms.addEventListener(kind, ({ detail }) => {
    skew = Math.min(skew, Date.now() - detail.at);
    const delay = (Date.now() - detail.at - skew) / 1000;
    link.textContent = words("Link", { delay: delay.toFixed(1) });
  });
}

alarms.addEventListener("link", ({ detail }) => {
  link.classList.toggle("late", !detail.up);
  if (!detail.up) link.textContent = words("Lost", { time: new Date().toLocaleTimeString("zh-CN", { hour12: false }) });
});

document.body.addEventListener("duty:told", ({ detail }) => {
  tell(detail);
});
document.body.addEventListener("duty:changed", refreshSoon);
document.body.addEventListener("htmx:afterSwap", ({ target }) => {
  if (target.id === "work") mark();
});
queue.addEventListener("click", (event) => {
  if (event.target.closest("li[data-id] a")) desk.classList.add("one");
});

function showSound() {
  button.querySelector("b").textContent = words(sound.isOn() ? "On" : "Off", {});
  button.setAttribute("aria-pressed", String(sound.isOn()));
}

button.hidden = false;
button.addEventListener("click", () => { sound.unlock(); sound.toggle(); showSound(); });
addEventListener("pointerdown", sound.unlock, { once: true });
addEventListener("keydown", sound.unlock, { once: true });
showSound();
keys({ queue, toggleSound: () => button.click() });
