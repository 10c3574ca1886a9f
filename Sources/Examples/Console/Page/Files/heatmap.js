// The heat map of a histogram: how many measurements fell into which bucket at which time.

import { placeTip, scale, timeAxis } from "./axis.js";
import { h, onWidth, put, s } from "./dom.js";
import { number } from "./format.js";

const height = 220;

/** Makes the map; `set` takes the answer of the server and how a bound is written. */
export function heatmap(label) {
  const svg = s("svg.chart.heat", { height, role: "img", "aria-label": label });
  const tip = h("div.tip", { hidden: true });
  const element = h("div.chart-frame", svg, tip);
  let data = null;
  let write = String;
  const stop = onWidth(element, draw);

  function draw(width = element.clientWidth) {
    if (!data || width < 60) return;
    const counts = data.counts.map((column) => column.map(Number));
    // Buckets beyond the lowest and highest that were hit are left out.
    const rows = data.bounds.map((_, row) => counts.reduce((sum, column) => sum + (column[row] || 0), 0));
    const first = Math.max(0, rows.findIndex((sum) => sum > 0) - 1);
    const last = rows.length - 1 - [...rows].reverse().findIndex((sum) => sum > 0);
    const count = rows.some((sum) => sum > 0) ? last - first + 1 : 0;
    if (count === 0) return void put(svg, s("text", { x: 8, y: 24 }, "No measurements in this time"));
    const texts = data.bounds.map((bound) => (bound === "+Inf" || bound === Infinity ? "more" : write(Number(bound))));
    const left = Math.min(120, Math.max(...texts.slice(first, last + 1).map((text) => text.length)) * 6.4 + 14);
    const [wide, tall] = [(width - left - 6) / data.times.length, (height - 30) / count];
    const most = Math.max(...counts.flat());
    const times = data.times.map((time) => Number(time) / 1e9);
    const y = (row) => 8 + (last - row) * tall;
    const skip = Math.ceil(14 / tall);
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    put(svg, counts.map((column, at) => column.map((value, row) => value > 0 && row >= first && row <= last && s("rect", {
      x: left + at * wide, y: y(row), width: Math.max(1, wide - 0.5), height: Math.max(1, tall - 0.5), style: { fill: `rgb(var(--heat) / ${(0.12 + 0.88 * Math.sqrt(value / most)).toFixed(2)})` },
      onmouseenter: () => show(width, left + at * wide, row, value, texts), onmouseleave: () => { tip.hidden = true; },
    }))), texts.map((text, row) => row >= first && row <= last && (last - row) % skip === 0 && s("text", { x: left - 8, y: y(row) + Math.min(tall, 12), "text-anchor": "end" }, text)),
    times.length > 1 && timeAxis(scale([times[0], times.at(-1)], [left, width - 6]), times[0], times.at(-1), height, width / 100));
    svg.setAttribute("aria-label", `${label}: ${number(rows.reduce((a, b) => a + b, 0))} measurements between ${first > 0 ? texts[first - 1] : "the least"} and ${texts[last]}`);
  }

  function show(width, at, row, value, texts) {
    put(tip, h("div", h("span", `${row > 0 ? texts[row - 1] : "up"} to ${texts[row]}`), h("span", number(value))));
    placeTip(tip, at, width);
  }

  return { element, set: (next, writer) => { data = next; write = writer; draw(); }, close: stop };
}
