// Keeps the bell of every page at the number of alarms nobody has acknowledged.
import { alarms } from "./live-alarms.js";

const bell = document.getElementById("bell");

alarms.addEventListener("alarms", ({ detail }) => {
  if (!bell) return;
  const count = detail.counts.fresh;
  let number = bell.querySelector("b");
  if (!number) bell.append((number = document.createElement("b")));
  number.textContent = count > 99 ? "99+" : String(count);
  number.hidden = count === 0;
  bell.setAttribute("aria-label", bell.getAttribute("aria-label").replace(/\d+/, count));
});
