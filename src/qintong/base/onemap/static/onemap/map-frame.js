// What stands at the edge of every map: scale, place under the pointer.

import { lengthText } from "./measure.js";

const MOST_PX = 100;

export function mapFrame(map, { scale, scaleBar, place }) {
  const drawScale = () => {
    const y = map.getContainer().clientHeight / 2;
    const metres = map.unproject([0, y]).distanceTo(map.unproject([MOST_PX, y]));
    const power = 10 ** Math.floor(Math.log10(metres));
    const round = [5, 2, 1].find((n) => n * power <= metres) * power;
    scaleBar.style.width = `${(MOST_PX * round) / metres}px`;
    scale.textContent = lengthText(round).replace(".00", "");
  };
  const drawPlace = ({ lng, lat }) => {
    place.textContent = `E ${lng.toFixed(3)}° N ${lat.toFixed(3)}°`;
  };
  map.on("move", drawScale);
  map.on("mousemove", ({ lngLat }) => drawPlace(lngLat));
  map.on("moveend", () => drawPlace(map.getCenter()));
  drawScale();
  drawPlace(map.getCenter());
}
