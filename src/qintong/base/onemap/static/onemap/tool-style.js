// Selection ring and measuring line.

import { token } from "./tokens.js";

export const selectionLayer = () => ({
  id: "selection", type: "circle", source: "selection",
  paint: {
    "circle-radius": 17, "circle-color": token("--q-brand"), "circle-opacity": 0.14,
    "circle-stroke-color": token("--q-brand"), "circle-stroke-width": 2,
  },
});

export const measureLayers = () => [
  { id: "measure-line", type: "line", source: "measure",
    filter: ["==", ["geometry-type"], "LineString"],
    paint: { "line-color": token("--q-ink"), "line-width": 2, "line-dasharray": [2, 1] } },
  { id: "measure-points", type: "circle", source: "measure",
    filter: ["==", ["geometry-type"], "Point"],
    paint: {
      "circle-radius": 4, "circle-color": token("--q-surface"),
      "circle-stroke-color": token("--q-ink"), "circle-stroke-width": 2,
    } },
];
