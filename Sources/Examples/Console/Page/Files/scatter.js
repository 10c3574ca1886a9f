// The scatter plot of latencies: a dot for each trace, by start and duration.

import { brush, logTicks, placeTip, scale, timeAxis, valueAxis } from "./axis.js";
import { h, onWidth, put, s } from "./dom.js";
import { duration, line } from "./format.js";
import { go } from "./router.js";

const height = 132;
const [left, right, top, bottom] = [52, 8, 8, 20];

/** Makes the plot; the list of traces beside it tells the same, so that assistive technology gets a summary. */
export function scatter({ select, href }) {
  const svg = s("svg.chart", { height, role: "img", "aria-label": "Latency of the traces" });
  const tip = h("div.tip", { hidden: true });
  const frame = h("div.scatter.chart-frame.wide", svg, tip);
  let traces = [];
  const stop = onWidth(frame, draw);

  function draw(width = frame.clientWidth) {
    if (width < 120) return;
    const items = traces.filter((trace) => trace.ns > 0n);
    frame.hidden = items.length < 2;
    if (items.length < 2) return;
    const seconds = items.map((trace) => Number(trace.ns / 1000n) / 1e6);
    // Times far ahead or behind, from clocks that are wrong, must not press all others into one column.
    const sorted = [...seconds].sort((a, b) => a - b);
    const middle = sorted[Math.floor(sorted.length / 2)];
    const near = sorted.filter((at) => Math.abs(at - middle) < 172800);
    const shown = near.length >= 2 ? near : sorted;
    let [from, to] = [shown[0], shown[shown.length - 1]];
    if (to - from < 1) [from, to] = [from - 0.5, to + 0.5];
    // What a wrong clock makes longer than a day stands at the upper edge.
    const lengths = items.map((trace) => Math.max(1000, Math.min(86400e9, trace.length)));
    const [low, high] = [lengths.reduce((a, b) => Math.min(a, b)) / 1.6, lengths.reduce((a, b) => Math.max(a, b)) * 1.6];
    const x = scale([from, to], [left + 8, width - right - 8]);
    const y = scale([low, high], [height - bottom, top], true);
    put(svg,
      valueAxis(logTicks(low, high).filter((_, index, all) => index % Math.ceil(all.length / 5) === 0), y, left, width - right, (value) => duration(value).replace(/\.0+ /, " ")),
      timeAxis(x, from, to, height, width / 110),
      s("line.grid", { x1: left, x2: width - right, y1: height - bottom, y2: height - bottom }),
      items.map((trace, index) => seconds[index] >= from && seconds[index] <= to && s("circle", {
        class: trace.status === "error" ? "error" : null, cx: x(seconds[index]), cy: y(lengths[index]), r: Math.min(7, 2.6 + Math.log10(Math.max(1, trace.spans)) * 1.5),
        "data-trace": trace.traceId,
        onclick: () => go(href(trace)),
        onmouseenter: (event) => show(trace, event.target, width),
        onmouseleave: () => { tip.hidden = true; },
      })));
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("aria-label", `Latency of ${items.length} traces, from ${duration(Math.min(...items.map((trace) => trace.length)))} to ${duration(Math.max(...items.map((trace) => trace.length)))}; ${items.filter((trace) => trace.status === "error").length} with an error`);
    selectRange = (a, b) => select(x.invert(a), x.invert(b));
    bounds[0] = left;
    bounds[1] = width - right;
  }

  let selectRange = () => {};
  const bounds = [left, left];
  brush(svg, bounds, [top, height - bottom], (a, b) => selectRange(a, b));

  function show(trace, dot, width) {
    put(tip, h("div", h("b", line(trace.name, 80))), h("div", h("span", line(trace.service, 60)), h("span", duration(trace.length))));
    placeTip(tip, Number(dot.getAttribute("cx")), width);
  }

  return {
    element: frame,
    set: (list) => { traces = list; draw(); },
    /** Marks the dot of a trace, for a row that has the focus. */
    point: (id) => {
      svg.querySelector(".hot")?.classList.remove("hot");
      if (id) svg.querySelector(`[data-trace="${CSS.escape(id)}"]`)?.classList.add("hot");
    },
    close: stop,
  };
}
