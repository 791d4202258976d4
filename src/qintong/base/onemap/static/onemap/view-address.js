// The view in the address: place and zoom (MapLibre writes them), layers that are on, the vehicle.

const read = () => new URLSearchParams(location.hash.slice(1));

export function fromAddress(name) {
  return read().get(name);
}

export function toAddress(name, value) {
  const all = read();
  if (value) all.set(name, value);
  else all.delete(name);
  const text = [...all].map(([key, each]) => `${key}=${each}`).join("&");
  history.replaceState(history.state, "", `#${text}`);
}
