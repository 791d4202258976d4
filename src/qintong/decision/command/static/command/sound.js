// The sound of a new alarm: two short tones, three for level I. Off and on are remembered.

const KEY = "qintong.duty.sound";
let context = null;

export const isOn = () => localStorage.getItem(KEY) !== "off";

export function toggle() {
  localStorage.setItem(KEY, isOn() ? "off" : "on");
  if (isOn()) play(3);
  return isOn();
}

// Browsers let a page sound only after the person has touched it once.
export function unlock() {
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume();
}

export function play(level) {
  if (!isOn() || !context || context.state !== "running") return;
  const times = level === 1 ? 3 : 2;
  for (let n = 0; n < times; n += 1) {
    const start = context.currentTime + n * 0.22;
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = level === 1 ? 988 : 740;
    volume.gain.setValueAtTime(0.0001, start);
    volume.gain.exponentialRampToValueAtTime(0.25, start + 0.015);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.16);
    tone.connect(volume).connect(context.destination);
    tone.start(start);
    tone.stop(start + 0.18);
  }
}
