// One stream of alarm events for all tabs of this browser: the tab that holds the lock listens and
// passes on what it hears, the others follow. Where locks are missing every tab listens for itself.
// Emits on `alarms`: "alarms" {counts, changed, at}, "tick" {at}, "link" {up: boolean}.

export const alarms = new EventTarget();

const ADDRESS = "/live/alarms";
const SILENCE_MS = 12_000;
const channel = new BroadcastChannel("qintong-alarms");
let last = null;
let heardAt = 0;
let isUp = false;

function emit(kind, detail) {
  if (kind === "alarms") last = detail;
  if (kind !== "link") {
    heardAt = performance.now();
    setLink(true);
  }
  alarms.dispatchEvent(new CustomEvent(kind, { detail }));
}

function setLink(up) {
  if (up === isUp) return;
  isUp = up;
  alarms.dispatchEvent(new CustomEvent("link", { detail: { up } }));
}

function listen() {
  const source = new EventSource(ADDRESS);
  for (const kind of ["alarms", "tick"]) {
    source.addEventListener(kind, (event) => {
      const detail = JSON.parse(event.data);
      emit(kind, detail);
      channel.postMessage({ kind, detail });
    });
  }
  source.addEventListener("error", () => setLink(false));
  channel.addEventListener("message", (event) => {
    if (event.data.kind === "hello" && last) {
      channel.postMessage({ kind: "alarms", detail: { ...last, changed: [] } });
    }
  });
  return new Promise((release) => addEventListener("pagehide", () => { source.close(); release(); }));
}

function follow(event) {
  if (event.data.kind === "alarms" || event.data.kind === "tick") emit(event.data.kind, event.data.detail);
}

if (navigator.locks) {
  channel.addEventListener("message", follow);
  channel.postMessage({ kind: "hello" });
  navigator.locks.request("qintong-alarms", () => {
    channel.removeEventListener("message", follow);
    return listen();
  });
} else {
  listen();
}

setInterval(() => {
  if (isUp && performance.now() - heardAt > SILENCE_MS) setLink(false);
}, 1_000);

addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
