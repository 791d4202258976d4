// Distance along a line that the person draws: click to add, Escape to end.

const EARTH_M = 6371008.8;
const rad = (deg) => (deg * Math.PI) / 180;

export function distanceM([lon1, lat1], [lon2, lat2]) {
  const a = Math.sin(rad(lat2 - lat1) / 2) ** 2
    + Math.cos(rad(lat1)) * Math.cos(rad(lat2)) * Math.sin(rad(lon2 - lon1) / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.sqrt(a));
}

export const lengthText = (metres) => (metres < 1000 ? `${metres.toFixed(0)} m` : `${(metres / 1000).toFixed(metres < 100000 ? 2 : 0)} km`);

export class Measure {
  constructor(map, button, output, line) {
    this.map = map;
    this.button = button;
    this.output = output;
    this.points = [];
    map.addSource("measure", { type: "geojson", data: this.shape() });
    for (const layer of line) map.addLayer(layer);
    button.addEventListener("click", () => this.set(!this.isOn));
    document.addEventListener("keydown", ({ key }) => key === "Escape" && this.isOn && this.set(false));
  }

  set(isOn) {
    this.isOn = isOn;
    this.points = [];
    this.button.setAttribute("aria-pressed", isOn);
    this.map.getCanvas().classList.toggle("measuring", isOn);
    this.draw();
  }

  add({ lng, lat }) {
    this.points.push([lng, lat]);
    this.draw();
  }

  draw() {
    this.map.getSource("measure").setData(this.shape());
    const metres = this.points.slice(1).reduce((sum, point, i) => sum + distanceM(this.points[i], point), 0);
    this.output.hidden = !this.isOn;
    this.output.textContent = this.points.length < 2 ? this.output.dataset.hint : lengthText(metres);
  }

  shape() {
    const points = this.points.map((coordinates) => ({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates } }));
    const line = { type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: this.points } };
    return { type: "FeatureCollection", features: this.points.length > 1 ? [line, ...points] : points };
  }
}
