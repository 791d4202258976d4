// The line of a day, its stops, and where the vehicle is at the time of the slider.

import { token } from "./tokens.js";

const point = (lon, lat, properties = {}) => ({ type: "Feature", properties, geometry: { type: "Point", coordinates: [lon, lat] } });
const collection = (features) => ({ type: "geojson", data: { type: "FeatureCollection", features } });

export function trackSources(track) {
  const lines = track.pieces.filter(([a, b]) => b - a > 1).map(([a, b]) => ({
    type: "Feature", properties: {},
    geometry: { type: "LineString", coordinates: track.lon.slice(a, b).map((lon, i) => [lon, track.lat[a + i]]) },
  }));
  const n = track.at.length;
  const ends = n ? [point(track.lon[0], track.lat[0])] : [];
  return {
    track: collection(lines),
    ends: collection([...ends, ...track.stops.map(({ lon, lat }) => point(lon, lat, { stop: 1 }))]),
    now: collection([]),
  };
}

export const trackLayers = () => [
  { id: "track-case", type: "line", source: "track", layout: { "line-cap": "round", "line-join": "round" },
    paint: { "line-color": token("--q-m-road-case"), "line-width": 7 } },
  { id: "track", type: "line", source: "track", layout: { "line-cap": "round", "line-join": "round" },
    paint: { "line-color": token("--q-brand"), "line-width": 3.4 } },
  { id: "ends", type: "circle", source: "ends",
    paint: { "circle-radius": ["case", ["has", "stop"], 4, 5.5], "circle-color": token("--q-surface"),
      "circle-stroke-color": token("--q-brand"), "circle-stroke-width": 2.5 } },
  { id: "now-ring", type: "circle", source: "now",
    paint: { "circle-radius": 14, "circle-color": token("--q-brand"), "circle-opacity": 0.16 } },
  { id: "now", type: "circle", source: "now",
    paint: { "circle-radius": 6, "circle-color": token("--q-brand"), "circle-stroke-color": token("--q-surface"), "circle-stroke-width": 2 } },
];
