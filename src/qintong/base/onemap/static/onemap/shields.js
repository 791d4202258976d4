// Route shields as they stand on the road, drawn when the map first needs one.

import { token } from "./tokens.js";

const SCALE = 2;

// GB/T 917: G or S with one, two or four digits is an expressway, with three a trunk road.
function colours(code) {
  const isTrunk = /^[GS]\d{3}$/.test(code);
  if (code.startsWith("G")) {
    return isTrunk ? { ground: "--q-sign-n", ink: "--q-sign-x" }
      : { ground: "--q-sign-g", head: "--q-sign-g-head", ink: "--q-sign-x" };
  }
  if (code.startsWith("S") && !isTrunk) return { ground: "--q-sign-s", head: "--q-sign-s-head", ink: "--q-sign-x" };
  return { ground: "--q-sign-s-head", ink: "--q-spine-bg" };
}

export function drawShields(map) {
  map.on("styleimagemissing", ({ id }) => {
    if (!id.startsWith("shield:") || map.hasImage(id)) return;
    map.addImage(id, shield(id.slice("shield:".length)), { pixelRatio: SCALE });
  });
}

function shield(code) {
  const { ground, head, ink } = colours(code);
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  const font = `600 ${10 * SCALE}px ${token("--q-font")}`;
  context.font = font;
  const width = Math.ceil(Math.max(26 * SCALE, context.measureText(code).width + 9 * SCALE));
  const height = 17 * SCALE;
  canvas.width = width;
  canvas.height = height;
  const box = (colour, inset, top, bottom) => {
    context.fillStyle = colour;
    context.beginPath();
    context.roundRect(inset, top, width - 2 * inset, bottom - top, 3 * SCALE);
    context.fill();
  };
  box(token("--q-sign-x"), 0, 0, height);
  box(token(ground), SCALE, SCALE, height - SCALE);
  if (head) {
    context.save();
    context.beginPath();
    context.rect(SCALE, SCALE, width - 2 * SCALE, 3.5 * SCALE);
    context.clip();
    box(token(head), SCALE, SCALE, height - SCALE);
    context.restore();
  }
  context.font = font;
  context.fillStyle = token(ink);
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  context.fillText(code, width / 2, height - (head ? 3.6 : 5) * SCALE);
  return context.getImageData(0, 0, width, height);
}
