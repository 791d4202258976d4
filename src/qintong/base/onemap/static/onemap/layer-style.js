// A declared layer as style layers. Symbols (signs, names) come apart: they lie above the vehicles.

import { token } from "./tokens.js";
import { fonts } from "./region-style.js";

const opaque = (layer) => {
  const own = token(layer.colour);
  if (!layer.classes.length) return own;
  const pairs = layer.classes.flatMap((c) => [c.value, c.colour ? token(c.colour) : own]);
  return ["match", ["to-string", ["get", layer.by]], ...pairs, own];
};

const widthBy = (scale) => ["interpolate", ["exponential", 1.5], ["zoom"], 5, 1.2 * scale, 9, 2 * scale, 14, 5 * scale];

export function shapeLayers(layer) {
  const common = { source: layer.name, "source-layer": layer.name, minzoom: layer.minzoom };
  if (layer.style === "line") {
    const round = { "line-cap": "round", "line-join": "round" };
    return [
      { ...common, id: `${layer.name}:case`, type: "line", layout: round,
        paint: { "line-color": token("--q-m-road-case"), "line-width": widthBy(2) } },
      { ...common, id: `${layer.name}:line`, type: "line", layout: round,
        paint: { "line-color": opaque(layer), "line-width": widthBy(1) } },
    ];
  }
  if (layer.style === "fill") {
    return [
      { ...common, id: `${layer.name}:fill`, type: "fill",
        paint: { "fill-color": opaque(layer), "fill-opacity": 0.25 } },
      { ...common, id: `${layer.name}:edge`, type: "line",
        paint: { "line-color": opaque(layer), "line-width": 1.2 } },
    ];
  }
  return [
    { ...common, id: `${layer.name}:point`, type: "circle",
      paint: {
        "circle-color": opaque(layer),
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 6, 2, 10, 3.5, 14, 6],
        "circle-stroke-color": token("--q-m-halo"), "circle-stroke-width": 1.2,
      } },
  ];
}

export function signLayers(layer) {
  if (!layer.label) return [];
  const common = { source: layer.name, "source-layer": layer.name, id: `${layer.name}:sign`, type: "symbol" };
  if (layer.style === "line") {
    const [first] = layer.classes;
    const isFirst = first ? ["==", ["get", layer.by], first.value] : true;
    return [{ ...common, minzoom: Math.max(layer.minzoom, 5),
      filter: ["any", [">=", ["zoom"], 8], isFirst],
      layout: {
        "symbol-sort-key": ["case", isFirst, 0, 1], "symbol-placement": "line", "symbol-spacing": 320, "icon-padding": 8,
        "icon-image": ["concat", "shield:", ["get", layer.label]],
        "icon-rotation-alignment": "viewport",
      } }];
  }
  return [{ ...common, minzoom: 11.5,
    "source-layer": layer.style === "fill" ? `${layer.name}.label` : layer.name,
    layout: {
      "text-field": ["to-string", ["get", layer.label]], "text-size": 11, "text-font": fonts("Regular"),
      "text-anchor": "top", "text-offset": [0, 0.7], "text-max-width": 10,
    },
    paint: {
      "text-color": token("--q-m-label"), "text-halo-color": token("--q-m-halo"), "text-halo-width": 1.5,
    } }];
}
