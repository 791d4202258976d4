// The quiet paper under everything: land, borders, names of places.

import { token } from "./tokens.js";

const SOURCE = "onemap.paper";
const level = (...values) => ["in", ["get", "level"], ["literal", values]];
const isOutline = ["to-boolean", ["get", "is_outline"]];
const ours = (...values) => ["all", level(...values), ["!", isOutline]];

const line = (id, filter, colour, width, minzoom = 0) => ({
  id, type: "line", source: SOURCE, "source-layer": SOURCE, minzoom, filter,
  layout: { "line-join": "round" },
  paint: { "line-color": token(colour), "line-width": width },
});

const label = (id, filter, size, colour, font, minzoom) => ({
  id, type: "symbol", source: SOURCE, "source-layer": `${SOURCE}.label`, minzoom, filter,
  layout: {
    "text-field": ["coalesce", ["get", "short_name"], ["get", "name"]], "text-size": size,
    "text-font": fonts(font), "text-padding": 2, "text-max-width": 8,
    "text-variable-anchor": ["center", "bottom", "top", "left", "right"], "text-radial-offset": 0.6,
  },
  paint: {
    "text-color": token(colour), "text-halo-color": token("--q-m-halo"), "text-halo-width": 1.5,
  },
});

// Drawn by the browser from the fonts it has: no glyph is fetched. The first name only sets the weight.
export const fonts = (weight) => [
  weight, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif",
];

export const paper = () => ({
  id: "outside", type: "background", paint: { "background-color": token("--q-m-outside") },
});

export const landLayers = () => [
  {
    id: "land", type: "fill", source: SOURCE, "source-layer": SOURCE,
    filter: ["all", ["!", isOutline], level("province", "city", "county")],
    paint: { "fill-color": token("--q-m-land"), "fill-antialias": false },
  },
  line("outlines", isOutline, "--q-m-county", 1),
  line("counties", ours("county"), "--q-m-county", 0.7, 6.5),
  line("cities", ours("city"), "--q-m-city", 1),
  line("province", ours("province"), "--q-m-prov", 1.4),
];

export const regionLabels = () => [
  label("county-names", ours("county"), 11, "--q-m-label", "Regular", 7.6),
  label("city-names", ours("city"), 13, "--q-ink", "Bold", 5),
];
