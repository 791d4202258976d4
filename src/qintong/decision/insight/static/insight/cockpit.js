// Keeps the cockpit up to date while somebody can see it. Whoever reads or types is not disturbed:
// the focus stays where it was, and parts that did not change are not touched.

const EVERY_MS = 5_000;
const page = document.getElementById("cockpit");

async function refresh() {
  if (document.visibilityState !== "visible") return;
  const answer = await fetch(page.dataset.refresh, {
    headers: { "HX-Request": "true", "X-Background": "1" },
  }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.querySelectorAll("[data-part]");
  for (const part of now) {
    const next = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
    if (next && next.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) {
      part.innerHTML = next.innerHTML;
    }
  }
}

setInterval(refresh, EVERY_MS);
document.addEventListener("visibilitychange", refresh);
