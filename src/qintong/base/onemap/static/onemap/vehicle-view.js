// How many vehicles are in view decides how they are shown: arrows, counts, or points.

import { VehicleLayer } from "./vehicle-layer.js";
import { fonts } from "./region-style.js";
import { token } from "./tokens.js";

const ARROWS_UP_TO = 500;
const COUNTS_UP_TO = 20000;
const CELL_PX = 120;
const PICK_PX = 14;
const FASTEST_MS = 35; // m/s
const LOOKS = { arrows: { size: 9, alpha: 1 }, counts: { size: 3.4, alpha: 0.6 }, points: { size: 3, alpha: 0.75, isPoint: true } };

export class VehicleView {
  constructor(map, fleet, below) {
    this.map = map;
    this.fleet = fleet;
    this.layer = new VehicleLayer(fleet);
    map.addLayer(this.layer, below);
    map.addSource("counts", { type: "geojson", data: collection([]) });
    map.addImage("pill", pill(), { pixelRatio: 2, stretchX: [[20, 28]], content: [14, 6, 34, 34] });
    map.addLayer({
      id: "counts", type: "symbol", source: "counts",
      layout: {
        "text-field": ["get", "text"], "text-size": 12, "text-font": fonts("Bold"), "icon-image": "pill",
        "icon-text-fit": "both", "icon-text-fit-padding": [1, 5, 1, 5], "text-allow-overlap": true,
        "icon-allow-overlap": true,
      },
      paint: { "text-color": token("--q-on-brand") },
    });
    map.on("click", "counts", ({ lngLat }) => map.easeTo({ center: lngLat, zoom: map.getZoom() + 2 }));
    map.on("moveend", () => this.look());
    this.drawnAt = 0;
  }

  // New reports have come.
  changed() {
    this.layer.changed();
    this.glide();
    if (!this.looking) this.looking = setTimeout(() => this.look(), 500);
  }

  look() {
    clearTimeout(this.looking);
    this.looking = null;
    const { map, fleet } = this;
    let inView = 0;
    if (!this.layer.isHidden) fleet.within(fleet.box(map), () => { inView += 1; });
    this.inView = inView;
    this.mode = inView <= ARROWS_UP_TO ? "arrows" : inView <= COUNTS_UP_TO ? "counts" : "points";
    this.layer.look = LOOKS[this.mode];
    map.getSource("counts").setData(collection(this.mode === "counts" ? this.cells() : []));
    map.triggerRepaint();
    this.onLook?.(this);
  }

  // Vehicles counted in cells that stand still on the ground while the map is moved.
  cells() {
    const { map, fleet } = this;
    const side = CELL_PX / (512 * 2 ** Math.round(map.getZoom()));
    const cells = new Map();
    fleet.within(fleet.box(map), (slot, x, y) => {
      const key = `${Math.floor(x / side)},${Math.floor(y / side)}`;
      const cell = cells.get(key) || { n: 0, x: 0, y: 0 };
      cell.n += 1;
      cell.x += x;
      cell.y += y;
      cells.set(key, cell);
    });
    return [...cells.values()].map(({ n, x, y }) => ({
      type: "Feature", properties: { text: n.toLocaleString("en-US") },
      geometry: { type: "Point", coordinates: fleet.toLonLat(x / n, y / n) },
    }));
  }

  // Draw on while somebody moves by half a pixel or more; the slower that is, the rarer.
  glide() {
    if (this.gliding || this.layer.isHidden) return;
    const metresPerPx = 64000 / 2 ** this.map.getZoom();
    const everyMs = Math.max(16, (500 * metresPerPx) / FASTEST_MS);
    if (everyMs > 2000) return;
    this.gliding = setTimeout(() => {
      this.gliding = null;
      this.map.triggerRepaint();
      this.onGlide?.();
      if (this.fleet.clock() < this.fleet.glidesUntil) this.glide();
    }, everyMs);
  }

  pick(point) {
    const { map, fleet } = this;
    if (this.mode !== "arrows" || this.layer.isHidden) return null;
    let best = null;
    let least = PICK_PX;
    fleet.within(fleet.box(map), (slot) => {
      const at = map.project(fleet.lonLat(slot));
      const far = Math.hypot(at.x - point.x, at.y - point.y);
      if (far < least) [best, least] = [slot, far];
    });
    return best;
  }

  show(isShown) {
    this.layer.isHidden = !isShown;
    this.look();
  }

  recolour() {
    this.layer.recolour();
    this.map.updateImage("pill", pill());
    this.map.setPaintProperty("counts", "text-color", token("--q-on-brand"));
  }
}

const collection = (features) => ({ type: "FeatureCollection", features });

function pill() {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [48, 40];
  const context = canvas.getContext("2d");
  context.fillStyle = token("--q-surface");
  context.beginPath();
  context.roundRect(0, 0, 48, 40, 20);
  context.fill();
  context.fillStyle = token("--q-brand-solid");
  context.beginPath();
  context.roundRect(2, 2, 44, 36, 18);
  context.fill();
  return context.getImageData(0, 0, 48, 40);
}
