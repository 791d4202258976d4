// Live positions: server-sent packets (position_packets.py) as columns.

const NAMES = ["snapshot", "delta", "beat"];

function decode(text) {
  const raw = Uint8Array.from(atob(text), (char) => char.charCodeAt(0)).buffer;
  const [serverMs, newestMs] = new Float64Array(raw, 0, 2);
  const n = new Uint32Array(raw, 16, 1)[0];
  let at = 24;
  const take = (Type) => {
    const column = new Type(raw, at, n);
    at += column.byteLength;
    return column;
  };
  return {
    serverMs, newestMs, n,
    id: take(Float64Array), lon: take(Int32Array), lat: take(Int32Array), at: take(Uint32Array),
    heading: take(Uint16Array), speed: take(Uint16Array), flags: take(Uint16Array),
  };
}

// call(kind, packet) for each packet; call("lost") when the link breaks (it is tried again),
// call("ended") when the server will not have us any more.
export function listen(url, call) {
  const source = new EventSource(url);
  for (const name of NAMES) source.addEventListener(name, ({ data }) => call(name, decode(data)));
  source.addEventListener("error", () => call(source.readyState === EventSource.CLOSED ? "ended" : "lost"));
  addEventListener("pagehide", () => source.close());
  return source;
}
