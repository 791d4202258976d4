// The list of layers: a tick shows or hides; what is on stands in the address.

import { idsOf } from "./base-map.js";

export function layerTree(map, layers, form, { onVehicles, onChange }) {
  const boxes = [...form.querySelectorAll("input[type=checkbox]")];
  const regionIds = ["counties", "cities", "county-names", "city-names"];

  const apply = (box) => {
    const visibility = box.checked ? "visible" : "none";
    if (box.value === "vehicles") onVehicles(box.checked);
    const layer = layers.find(({ name }) => name === box.value);
    const ids = box.value === "regions" ? regionIds : layer ? idsOf(layer) : [];
    for (const id of ids) map.setLayoutProperty(id, "visibility", visibility);
    document.querySelector(`[data-legend="${box.value}"]`)?.toggleAttribute("hidden", !box.checked);
  };
  for (const key of document.querySelectorAll("[data-colour]")) {
    const swatch = document.createElement("i");
    swatch.className = `swatch ${key.dataset.key}`;
    swatch.style.setProperty("--swatch", `var(${key.dataset.colour})`);
    key.prepend(swatch);
  }
  const count = () => {
    form.querySelector("[data-on]").textContent = boxes.filter((box) => box.checked).length;
  };
  form.addEventListener("change", ({ target }) => {
    apply(target);
    count();
    onChange(boxes.filter((box) => box.checked).map((box) => box.value));
  });
  boxes.forEach(apply);
  count();
}
