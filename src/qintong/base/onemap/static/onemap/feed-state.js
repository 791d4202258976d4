// How fresh the feed is: the time of its newest report; late and broken are said, never hidden.

import { clock } from "./vehicle-card.js";

const LATE_MS = 15000;

export class FeedState {
  constructor(element) {
    this.element = element;
    this.newestMs = 0;
    this.aheadMs = 0;
    this.link = "opening";
    setInterval(() => this.draw(), 1000);
  }

  heard(packet) {
    this.link = "open";
    this.aheadMs = packet.serverMs - Date.now();
    this.newestMs = Math.max(this.newestMs, packet.newestMs);
    this.draw();
  }

  broken(kind) {
    this.link = kind;
    this.draw();
  }

  get serverMs() {
    return Date.now() + this.aheadMs;
  }

  draw() {
    const { element, newestMs, link } = this;
    const lateMs = this.serverMs - newestMs;
    const state = link !== "open" ? link : !newestMs ? "empty" : lateMs > LATE_MS ? "late" : "fresh";
    if (state === element.dataset.state && state !== "fresh" && state !== "late") return;
    element.dataset.state = state;
    element.classList.toggle("late", state === "late" || state === "opening" || state === "empty");
    element.classList.toggle("dead", state === "lost" || state === "ended");
    const minutes = Math.floor(lateMs / 60000);
    const words = element.dataset;
    element.textContent = {
      opening: words.opening, empty: words.empty, lost: words.lost, ended: words.ended,
      fresh: `${words.name} ${clock(new Date(newestMs))}`,
      late: `${words.name} ${clock(new Date(newestMs))} ${words.late} ${minutes ? `${minutes} min` : `${Math.floor(lateMs / 1000)} s`}`,
    }[state];
  }
}
