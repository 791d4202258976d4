// A map of the province on our own tiles: no font, sprite or script from elsewhere.

import { onThemeChange } from "./tokens.js";
import { landLayers, paper, regionLabels } from "./region-style.js";
import { shapeLayers, signLayers } from "./layer-style.js";
import { drawShields } from "./shields.js";

export const PROVINCE = [[105.4, 31.6], [111.3, 39.7]];
const GROUND = { name: "onemap.paper", minzoom: 0, maxzoom: 14 };

const source = (layer) => ({
  type: "vector", minzoom: layer.minzoom, maxzoom: layer.maxzoom,
  tiles: [`${location.origin}/tiles/${layer.name}/{z}/{x}/{y}.mvt`],
});

// layers: descriptors as the server writes them, those to be shown from the start marked `on`.
function styleOf(layers) {
  return {
    version: 8,
    sources: Object.fromEntries([GROUND, ...layers].map((layer) => [layer.name, source(layer)])),
    layers: [
      paper(), ...landLayers(),
      ...layers.flatMap((layer) => shapeLayers(layer).map((each) => hidden(each, !layer.on))),
      ...regionLabels(),
      ...layers.flatMap((layer) => signLayers(layer).map((each) => hidden(each, !layer.on))),
    ],
  };
}

const hidden = (each, isHidden) => ({
  ...each, layout: { ...each.layout, visibility: isHidden ? "none" : "visible" },
});

// container: element with data-worker, the address of MapLibre's worker script.
export function makeMap(container, { layers = [], ...options } = {}) {
  const { maplibregl } = window;
  maplibregl.setWorkerUrl(container.dataset.worker);
  const map = new maplibregl.Map({
    container, style: styleOf(layers), bounds: PROVINCE, fitBoundsOptions: { padding: 24 },
    minZoom: 4, maxZoom: 18, maxPitch: 0, dragRotate: false, pitchWithRotate: false, attributionControl: false,
    fadeDuration: 0, renderWorldCopies: false, maxTileCacheZoomLevels: 3,
    locale: { "Map.Title": container.getAttribute("aria-label") }, ...options,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  drawShields(map);
  onThemeChange(() => repaint(map, layers));
  map.on("error", ({ error }) => { container.dataset.error = error?.message || "error"; });
  return map;
}

// The same layers in the other mode's colours; what was switched on stays on.
function repaint(map, layers) {
  for (const id of map.listImages()) if (id.startsWith("shield:")) map.removeImage(id);
  for (const layer of styleOf(layers).layers) {
    if (!map.getLayer(layer.id)) continue;
    for (const [name, value] of Object.entries(layer.paint || {})) map.setPaintProperty(layer.id, name, value);
  }
}

export const idsOf = (layer) => [...shapeLayers(layer), ...signLayers(layer)].map((each) => each.id);
