// Stacked bars over time: how many of what there were in each step.

import { brush, scale, ticks, timeAxis, valueAxis } from "./axis.js";
import { h, onWidth, put, s } from "./dom.js";
import { compact, line, number } from "./format.js";
import { select } from "./router.js";

/**
 * Makes a chart. `set` takes `{ start, step, series: [{ name, className, counts }] }`, times in nanoseconds; a range that is dragged over is selected, and
 * `pick` is called with the number of the series and the times of a bar that was clicked.
 */
export function bars({ label, height = 96, pick = null }) {
  const svg = s("svg.chart.bars", { height, role: "img", "aria-label": label });
  const element = h("div.chart-frame", svg);
  const edges = [0, 0];
  let data = null;
  let x = null;
  const stop = onWidth(element, draw);
  brush(svg, edges, [6, height - 20], (a, b) => select(x.invert(a), x.invert(b)));

  function draw(width = element.clientWidth) {
    const count = data?.series[0]?.counts.length ?? 0;
    if (count === 0 || width < 60) return;
    const [from, step] = [Number(data.start) / 1e9, Number(data.step) / 1e9];
    const most = Math.max(1, ...data.series[0].counts.map((_, at) => data.series.reduce((sum, one) => sum + one.counts[at], 0)));
    const left = 40;
    const wide = (width - 4 - left) / count;
    x = scale([from, from + step * count], [left, width - 4]);
    const y = scale([0, most], [height - 20, 8]);
    [edges[0], edges[1]] = [left, width - 4];
    const time = (at) => BigInt(data.start) + BigInt(data.step) * BigInt(at);
    const below = new Array(count).fill(0);
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    put(svg, valueAxis(ticks(0, most, 2), y, left, width - 4, compact), timeAxis(x, from, from + step * count, height, width / 110),
      data.series.map((one, index) => s("g", { class: one.className }, one.counts.map((value, at) => {
        if (value === 0) return null;
        const [top, base] = [y(below[at] + value), y(below[at])];
        below[at] += value;
        return s("rect", { onclick: pick && (() => pick(index, time(at), time(at + 1))), x: left + at * wide + 0.5, width: Math.max(1, wide - 1.5), y: top, height: Math.max(1, base - top) }, s("title", `${number(value)} ${line(one.name, 120)}`));
      }))));
    svg.setAttribute("aria-label", `${label}: ${data.series.map((one) => `${number(one.counts.reduce((sum, value) => sum + value, 0))} ${line(one.name, 60)}`).join(", ")}`);
  }

  return { element, set: (next) => { data = next; draw(); }, close: stop };
}
