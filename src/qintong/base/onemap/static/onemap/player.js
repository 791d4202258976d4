// Play-back: moves a time from report to report at a rate. Space plays and pauses.

const FRAME_MS = 50;

export class Player {
  constructor(track, { slider, button, rates }) {
    Object.assign(this, { track, slider, button, rates });
    this.rate = 60;
    this.slider.min = track.at[0] ?? 0;
    this.slider.max = track.at.at(-1) ?? 0;
    slider.addEventListener("input", () => this.go(Number(slider.value)));
    button.addEventListener("click", () => this.play(!this.isPlaying));
    for (const each of rates) each.addEventListener("click", () => this.setRate(each));
    document.addEventListener("keydown", (event) => {
      if (event.key !== " " || event.target.closest("input, button, a, select, textarea")) return;
      event.preventDefault();
      this.play(!this.isPlaying);
    });
  }

  setRate(chosen) {
    this.rate = Number(chosen.dataset.rate);
    for (const each of this.rates) each.setAttribute("aria-pressed", each === chosen);
  }

  play(isPlaying) {
    if (!this.track.at.length) return;
    this.isPlaying = isPlaying;
    this.button.setAttribute("aria-pressed", isPlaying);
    clearInterval(this.timer);
    if (!isPlaying) return;
    if (this.at >= this.slider.max) this.go(Number(this.slider.min));
    this.timer = setInterval(() => {
      const at = this.at + (this.rate * FRAME_MS) / 1000;
      this.go(Math.min(at, Number(this.slider.max)));
      if (at >= this.slider.max) this.play(false);
    }, FRAME_MS);
  }

  go(at) {
    this.at = at;
    this.slider.value = at;
    this.onMove(at, this.place(at));
  }

  // Between two reports of one stretch the place is in between; across a gap it is the last report's.
  place(at) {
    const { track } = this;
    let low = 0;
    let high = track.at.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (track.at[middle] <= at) low = middle;
      else high = middle - 1;
    }
    const next = track.pieces.some(([a, b]) => low >= a && low + 1 < b) ? low + 1 : low;
    const span = track.at[next] - track.at[low];
    const t = span > 0 ? Math.min(1, Math.max(0, (at - track.at[low]) / span)) : 0;
    const between = (column) => column[low] + (column[next] - column[low]) * t;
    return {
      type: "Feature", properties: { speed: track.speed[low], heading: track.heading[low] },
      geometry: { type: "Point", coordinates: [between(track.lon), between(track.lat)] },
    };
  }
}
