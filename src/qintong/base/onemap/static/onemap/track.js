// One vehicle's day: line, play-back, speed, stops. Times are seconds since 1970, shown in China's.

import { makeMap } from "./base-map.js";
import { speedChart } from "./speed-chart.js";
import { clock } from "./vehicle-card.js";
import { lengthText } from "./measure.js";
import { Player } from "./player.js";
import { trackLayers, trackSources } from "./track-style.js";

const $ = (id) => document.getElementById(id);
const container = $("map");
const timeText = (s) => clock(new Date(s * 1000));

function durationText(s) {
  const hours = Math.floor(s / 3600);
  const minutes = Math.round((s % 3600) / 60);
  return hours ? `${hours} h ${minutes} min` : `${minutes} min`;
}

function facts(track) {
  $("fact-distance").textContent = lengthText(track.distance_m);
  $("fact-online").textContent = durationText(track.online_s);
  $("fact-fastest").textContent = track.fastest_kmh === null ? "—" : `${track.fastest_kmh} km/h`;
  $("fact-gaps").textContent = track.gaps;
  const without = track.reports - track.at.length;
  $("fact-reports").textContent = `${track.reports.toLocaleString("en-US")} ${container.dataset.reports}`
    + (without ? ` ${container.dataset.without} ${without}` : "");
}

function stops(track, player) {
  const list = $("stops");
  if (!track.stops.length) list.textContent = list.dataset.none;
  for (const { start, end } of track.stops) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = `${timeText(start)} ${list.dataset.to} ${timeText(end)}`;
    button.addEventListener("click", () => player.go(start));
    item.append(button, ` ${durationText(end - start)}`);
    list.append(item);
  }
}

async function start() {
  const [track] = await Promise.all([
    fetch(container.dataset.url).then((answer) => answer.json()),
    map.loaded() || map.once("load"),
  ]);
  facts(track);
  $("empty").hidden = track.at.length > 0;
  for (const [id, source] of Object.entries(trackSources(track))) map.addSource(id, source);
  for (const layer of trackLayers()) map.addLayer(layer);
  const chart = await speedChart($("speed"), track, (at) => player.go(at));
  const player = new Player(track, { slider: $("slider"), button: $("play"), rates: document.querySelectorAll("[data-rate]") });
  player.onMove = (at, place) => {
    map.getSource("now").setData(place);
    chart.mark(at);
    $("shown-at").textContent = `${timeText(at)} ${place.properties.speed ?? "—"} km/h`;
    container.dataset.at = at;
  };
  if (track.at.length) {
    $("first").textContent = timeText(track.at[0]);
    $("last").textContent = timeText(track.at.at(-1));
    const lons = [...track.lon];
    const lats = [...track.lat];
    map.fitBounds([[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]], { padding: 40, maxZoom: 15, animate: false });
    player.go(track.at.at(-1));
  }
  stops(track, player);
  container.dataset.ready = "1";
}

const layers = JSON.parse($("map-layers").textContent).map((layer) => ({ ...layer, on: true }));
const map = makeMap(container, { layers });
start();
