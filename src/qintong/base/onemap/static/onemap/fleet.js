// Every vehicle of the feed in flat arrays: where it was, where it goes, and from when to when.
// A vehicle glides from where it is shown to its last report, never beyond it.

import { isStill } from "./tokens.js";

export const STRIDE = 8; // fromX fromY toX toY start end heading state
export const STATE = { running: 0, late: 1, alarmed: 2 };
const LATE_S = 300;
const LONGEST_GLIDE_S = 10;
const FARTHEST_GLIDE = 2e-4; // of the world's width: 8 km
const BASE = [0.8, 0.4]; // positions are kept relative to it, so that 32 bits are exact to centimetres

const x01 = (lonE6) => lonE6 / 360e6 + 0.5 - BASE[0];
const y01 = (latE6) => {
  const sin = Math.sin((latE6 / 1e6) * (Math.PI / 180));
  return 0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI) - BASE[1];
};
const mix = (a, b, t) => a + (b - a) * t;

export class Fleet {
  constructor() {
    this.base = BASE;
    this.clock = () => performance.now() / 1000;
    this.moves = 0;
    this.glidesUntil = 0;
    this.clear(1024);
  }

  clear(capacity = this.capacity) {
    this.capacity = capacity;
    this.count = 0;
    this.slots = new Map();
    this.ids = new Float64Array(capacity);
    this.at = new Uint32Array(capacity);
    this.speed = new Uint16Array(capacity);
    this.flags = new Uint16Array(capacity);
    this.data = new Float32Array(capacity * STRIDE);
  }

  grow(capacity) {
    const old = this.data;
    for (const name of ["ids", "at", "speed", "flags"]) {
      const column = new this[name].constructor(capacity);
      column.set(this[name]);
      this[name] = column;
    }
    this.data = new Float32Array(capacity * STRIDE);
    this.data.set(old);
    this.capacity = capacity;
  }

  take(packet) {
    if (this.count + packet.n > this.capacity) this.grow(Math.max(2 * this.capacity, this.count + packet.n));
    const now = this.clock();
    const still = isStill();
    for (let i = 0; i < packet.n; i += 1) this.place(packet, i, now, still);
  }

  place(packet, i, now, still) {
    const { data } = this;
    let slot = this.slots.get(packet.id[i]);
    const isNew = slot === undefined;
    if (isNew) {
      slot = this.count++;
      this.slots.set(packet.id[i], slot);
      this.ids[slot] = packet.id[i];
    }
    const o = slot * STRIDE;
    const x = x01(packet.lon[i]);
    const y = y01(packet.lat[i]);
    const [shownX, shownY] = isNew ? [x, y] : this.shown(slot, now);
    const far = Math.abs(x - shownX) + Math.abs(y - shownY) > FARTHEST_GLIDE;
    const lasts = isNew || far || still ? 0 : Math.min(LONGEST_GLIDE_S, Math.max(0.3, packet.at[i] - this.at[slot]));
    if (!isNew && (data[o + 2] !== Math.fround(x) || data[o + 3] !== Math.fround(y))) this.moves += 1;
    data[o] = lasts ? shownX : x;
    data[o + 1] = lasts ? shownY : y;
    data[o + 2] = x;
    data[o + 3] = y;
    data[o + 4] = now;
    data[o + 5] = now + lasts;
    this.glidesUntil = Math.max(this.glidesUntil, now + lasts);
    data[o + 6] = packet.heading[i];
    this.at[slot] = packet.at[i];
    this.speed[slot] = packet.speed[i];
    this.flags[slot] = packet.flags[i];
  }

  // Late ones turn grey; called with the server's time now and then.
  judge(serverS) {
    for (let slot = 0; slot < this.count; slot += 1) {
      const isLate = serverS - this.at[slot] > LATE_S;
      this.data[slot * STRIDE + 7] = isLate ? STATE.late : this.flags[slot] & 1 ? STATE.alarmed : STATE.running;
    }
  }

  shown(slot, now = this.clock()) {
    const { data } = this;
    const o = slot * STRIDE;
    const lasts = data[o + 5] - data[o + 4];
    const t = lasts > 0 ? Math.min(1, Math.max(0, (now - data[o + 4]) / lasts)) : 1;
    return [mix(data[o], data[o + 2], t), mix(data[o + 1], data[o + 3], t)];
  }

  lonLat(slot) {
    return this.toLonLat(...this.shown(slot));
  }

  toLonLat(x, y) {
    const n = Math.PI * (1 - 2 * (y + BASE[1]));
    return [(x + BASE[0] - 0.5) * 360, (Math.atan(Math.sinh(n)) * 180) / Math.PI];
  }

  // call(slot, x, y) for every vehicle whose last report lies inside the box of relative coordinates.
  within([west, north, east, south], call) {
    const { data } = this;
    for (let slot = 0, o = 0; slot < this.count; slot += 1, o += STRIDE) {
      const x = data[o + 2];
      const y = data[o + 3];
      if (x >= west && x <= east && y >= north && y <= south) call(slot, x, y);
    }
  }

  box(map) {
    const bounds = map.getBounds();
    return [x01(bounds.getWest() * 1e6), y01(bounds.getNorth() * 1e6), x01(bounds.getEast() * 1e6), y01(bounds.getSouth() * 1e6)];
  }
}
