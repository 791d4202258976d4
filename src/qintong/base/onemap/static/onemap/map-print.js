// Printing: the canvas is emptied after each frame, so a picture of it is put in its place first.

export function mapPrint(map, button) {
  button.addEventListener("click", () => {
    map.once("render", () => {
      const picture = document.createElement("img");
      picture.className = "map-picture";
      picture.alt = map.getContainer().getAttribute("aria-label");
      picture.src = map.getCanvas().toDataURL("image/png");
      picture.addEventListener("load", () => {
        map.getContainer().append(picture);
        addEventListener("afterprint", () => picture.remove(), { once: true });
        print();
      });
    });
    map.triggerRepaint();
  });
}
