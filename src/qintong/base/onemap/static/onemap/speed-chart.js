// Speed over the day with the limit as a dashed line. A gap in the reports stays a gap.

import { onThemeChange, token } from "./tokens.js";

const CHINA_MS = 8 * 3600 * 1000; // the axis is drawn in UTC

// Returns { mark(at) } to show a time. onPick(at) is called when a time is clicked.
export async function speedChart(element, track, onPick) {
  const { init } = await import(element.dataset.echarts);
  const chart = init(element, null, { renderer: "canvas" });
  const x = (at) => at * 1000 + CHINA_MS;
  const starts = new Set(track.pieces.map(([a]) => a));
  const data = track.at.flatMap((at, i) => (starts.has(i) && i ? [[x(at) - 1, null], [x(at), track.speed[i]]] : [[x(at), track.speed[i]]]));
  const limit = Number(element.dataset.limit);
  let shown = track.at.at(-1) ?? 0;

  const now = () => ({
    id: "now", type: "line", data: [], markLine: { symbol: "none", silent: true, animation: false, label: { show: false },
      lineStyle: { color: token("--q-ink"), type: "solid" }, data: [{ xAxis: x(shown) }] },
  });
  const draw = () => {
    const brand = token("--q-c1");
    const small = { color: token("--q-ink-3"), fontSize: 11, fontFamily: token("--q-font") };
    const dashed = limit ? [{ yAxis: limit, lineStyle: { color: token("--q-red"), type: "dashed" }, label: { formatter: `${limit}`, ...small, position: "insideEndTop" } }] : [];
    chart.setOption({
      animation: false, useUTC: true,
      grid: { left: 36, right: 16, top: 14, bottom: 24 },
      tooltip: { trigger: "axis", axisPointer: { type: "line" }, backgroundColor: token("--q-surface"), borderColor: token("--q-line-2"), textStyle: { ...small, color: token("--q-ink"), fontSize: 12 },
        renderMode: "richText", formatter: ([each]) => `${new Date(each.value[0]).toISOString().slice(11, 19)} ${each.value[1] ?? "—"} km/h` },
      xAxis: { type: "time", axisLabel: { ...small, formatter: "{HH}:{mm}", hideOverlap: true }, axisLine: { lineStyle: { color: token("--q-c-axis") } }, axisTick: { show: false } },
      yAxis: { type: "value", min: 0, max: (range) => Math.max(limit + 10, Math.ceil(range.max / 20) * 20), axisLabel: small, splitLine: { lineStyle: { color: token("--q-c-grid") } }, splitNumber: 3 },
      series: [{ id: "speed", type: "line", data, showSymbol: false, sampling: "lttb", connectNulls: false,
        lineStyle: { color: brand, width: 1.6 }, areaStyle: { color: brand, opacity: 0.12 },
        markLine: { symbol: "none", silent: true, data: dashed } }, now()],
    }, { notMerge: true });
  };
  draw();
  onThemeChange(draw);
  new ResizeObserver(() => chart.resize()).observe(element);
  chart.getZr().on("click", ({ offsetX, offsetY }) => {
    const [at] = chart.convertFromPixel({ gridIndex: 0 }, [offsetX, offsetY]);
    onPick(Math.round((at - CHINA_MS) / 1000));
  });
  return {
    mark(at) {
      shown = at;
      chart.setOption({ series: [now()] });
    },
  };
}
