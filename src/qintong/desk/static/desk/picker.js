// The map beside a point: a pin that writes 经度, 纬度 into the field, and follows what is typed there.
import { makeMap } from '../onemap/base-map.js';

const holder = document.querySelector('[data-picker]');
const input = document.getElementById(holder.dataset.picker);
const map = makeMap(holder);
let pin = null;

function typed() {
  const found = input.value.match(/^\s*(\d+(?:\.\d+)?)\s*[,，\s]\s*(\d+(?:\.\d+)?)\s*$/);
  return found ? [Number(found[1]), Number(found[2])] : null;
}

function write({ lng, lat }) {
  input.value = `${lng.toFixed(6)}, ${lat.toFixed(6)}`;
  input.dispatchEvent(new Event('input', { bubbles: true }));
}

function put(place) {
  if (!pin) {
    const colour = getComputedStyle(document.documentElement).getPropertyValue('--q-brand').trim();
    pin = new window.maplibregl.Marker({ draggable: true, color: colour }).setLngLat(place).addTo(map);
    pin.on('dragend', () => write(pin.getLngLat()));
  }
  pin.setLngLat(place);
}

map.on('click', ({ lngLat }) => { put(lngLat); write(lngLat); });
input.addEventListener('change', () => {
  const place = typed();
  if (place) { put(place); map.jumpTo({ center: place, zoom: Math.max(map.getZoom(), 11) }); }
});
const first = typed();
if (first) { put(first); map.jumpTo({ center: first, zoom: 11 }); }
