// The one map: layers, live vehicles, card, search, tools.

import { PROVINCE, makeMap } from "./base-map.js";
import { FeedState } from "./feed-state.js";
import { Fleet } from "./fleet.js";
import { layerTree } from "./layer-tree.js";
import { mapFrame } from "./map-frame.js";
import { mapPrint } from "./map-print.js";
import { mapSearch } from "./map-search.js";
import { Measure } from "./measure.js";
import { listen } from "./feed.js";
import { onThemeChange } from "./tokens.js";
import { measureLayers, selectionLayer } from "./tool-style.js";
import { VehicleCard } from "./vehicle-card.js";
import { VehicleView } from "./vehicle-view.js";
import { fromAddress, toAddress } from "./view-address.js";

const $ = (id) => document.getElementById(id);
const container = $("map");
const layers = JSON.parse($("map-layers").textContent);
const form = $("layers");

const wanted = fromAddress("on")?.split(",");
if (wanted) for (const box of form.querySelectorAll("input")) box.checked = wanted.includes(box.value);
const isOn = (name) => form.querySelector(`input[value="${name}"]`)?.checked ?? false;
for (const layer of layers) layer.on = isOn(layer.name);

const map = makeMap(container, { layers, hash: "map" });
window.qintongMap = map;

map.on("load", () => {
  const fleet = new Fleet();
  const firstLabel = map.getStyle().layers.find(({ type }) => type === "symbol")?.id;
  const view = new VehicleView(map, fleet, firstLabel);
  const card = new VehicleCard(map, fleet, $("card"));
  map.addLayer(selectionLayer(), "vehicles");
  const measure = new Measure(map, $("measure"), $("measured"), measureLayers());
  layerTree(map, layers, form, {
    onVehicles: (on) => view.show(on),
    onChange: (names) => toAddress("on", names.join(",")),
  });
  mapFrame(map, { scale: $("scale"), scaleBar: $("scale-bar"), place: $("place") });
  mapPrint(map, $("print"));
  mapSearch($("map-find"), $("map-found"), ({ box, vehicle }) => {
    if (vehicle) follow(vehicle);
    else if (box) map.fitBounds(box.split(",").map(Number), { padding: 80, maxZoom: 13 });
  });
  onThemeChange(() => view.recolour());

  card.onChange = (id) => toAddress("vehicle", id);
  view.onGlide = () => card.ring();
  view.onLook = ({ inView, mode }) => {
    Object.assign(container.dataset, { inView, mode });
    if ($("in-view")) $("in-view").textContent = inView.toLocaleString("en-US");
  };
  async function follow(id) {
    await card.open(id);
    if (card.slot !== undefined) map.flyTo({ center: fleet.lonLat(card.slot), zoom: Math.max(map.getZoom(), 13) });
  }
  map.on("click", ({ point, lngLat }) => {
    if (measure.isOn) {
      measure.add(lngLat);
      return;
    }
    const slot = view.pick(point);
    if (slot === null) card.close();
    else card.open(fleet.ids[slot]);
  });
  document.addEventListener("keydown", ({ key }) => key === "Escape" && card.close());
  $("home").addEventListener("click", () => map.fitBounds(PROVINCE, { padding: 24 }));
  $("share").addEventListener("click", async ({ currentTarget }) => {
    await navigator.clipboard?.writeText(location.href);
    currentTarget.dataset.done = "1";
    setTimeout(() => delete currentTarget.dataset.done, 1500);
  });

  container.dataset.ready = "1";
  if (!container.dataset.feed) return;
  const state = new FeedState($("feed"));
  let judgedAt = 0;
  listen(container.dataset.feed, (kind, packet) => {
    if (!packet) {
      state.broken(kind);
      return;
    }
    state.heard(packet);
    if (kind === "snapshot") fleet.clear();
    fleet.take(packet);
    if (kind === "snapshot" || performance.now() - judgedAt > 1000) {
      fleet.judge(state.serverMs / 1000);
      judgedAt = performance.now();
    }
    if (packet.n || kind === "snapshot") view.changed();
    card.refresh();
    Object.assign(container.dataset, { vehicles: fleet.count, moves: fleet.moves });
    $("vehicle-count").textContent = fleet.count.toLocaleString("en-US");
    if (kind === "snapshot" && fromAddress("vehicle")) follow(fromAddress("vehicle"));
  });
});
