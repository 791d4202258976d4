// The card of one vehicle: who it is comes from the server once, how it goes from the feed.

const RING = "selection";

export class VehicleCard {
  constructor(map, fleet, element) {
    this.map = map;
    this.fleet = fleet;
    this.element = element;
    map.addSource(RING, { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    element.addEventListener("click", ({ target }) => {
      if (target.closest("[data-close]")) this.close();
    });
  }

  async open(id) {
    this.id = id;
    const { url } = this.element.dataset;
    const answer = await fetch(url.replace("/0/", `/${id}/`), { headers: { "X-Background": "1" } });
    if (this.id !== id) return;
    this.element.innerHTML = await answer.text();
    this.element.hidden = false;
    this.refresh();
    this.onChange?.(id);
  }

  close() {
    if (!this.id) return;
    this.id = null;
    this.element.hidden = true;
    this.element.replaceChildren();
    this.ring();
    this.onChange?.(null);
  }

  get slot() {
    return this.id ? this.fleet.slots.get(Number(this.id)) : undefined;
  }

  refresh() {
    if (!this.id) return;
    const { slot, fleet, element } = this;
    const write = (name, text) => {
      const place = element.querySelector(`[data-show="${name}"]`);
      if (place) place.textContent = text;
    };
    const has = slot !== undefined;
    const speed = has && fleet.speed[slot] !== 65535 ? (fleet.speed[slot] / 10).toFixed(0) : "—";
    write("speed", speed);
    const limit = Number(element.querySelector("[data-limit]")?.dataset.limit || 0);
    element.querySelector('[data-show="speed"]')?.classList.toggle("t-red", limit > 0 && Number(speed) > limit);
    const at = has ? new Date(fleet.at[slot] * 1000) : null;
    write("at", at ? clock(at) : "—");
    element.querySelector(".live")?.classList.toggle("late", !at || Date.now() - at > 300000);
    this.ring();
  }

  ring() {
    const { slot } = this;
    const features = slot === undefined ? [] : [{
      type: "Feature", properties: {}, geometry: { type: "Point", coordinates: this.fleet.lonLat(slot) },
    }];
    this.map.getSource(RING).setData({ type: "FeatureCollection", features });
  }
}

export const clock = (date) => date.toLocaleTimeString("zh-CN", { hour12: false, timeZone: "Asia/Shanghai" });
