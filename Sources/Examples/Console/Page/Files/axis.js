// Scales, ticks and axes of charts.

import { s } from "./dom.js";

/** Maps a domain to a range, linearly or by logarithm. */
export function scale([low, high], [start, end], isLog = false) {
  const of = isLog ? Math.log : (value) => value;
  const [first, last] = [of(low), of(high)];
  const width = last - first || 1;
  const map = (value) => start + ((of(value) - first) / width) * (end - start);
  map.invert = (place) => {
    const at = first + ((place - start) / (end - start || 1)) * width;
    return isLog ? Math.exp(at) : at;
  };
  return map;
}

/** Round numbers within a domain, about as many as asked for. */
export function ticks(low, high, count = 4) {
  if (!(high > low) || !Number.isFinite(high - low)) return [low];
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10);
  const found = [];
  for (let index = Math.ceil(low / step - 1e-9); index * step <= high * (1 + 1e-9) && found.length < 40; index += 1) found.push(Number((index * step).toPrecision(12)));
  return found;
}

/** Powers of ten within a domain. */
export function logTicks(low, high) {
  const found = [];
  for (let power = Math.ceil(Math.log10(low) - 1e-9); 10 ** power <= high * (1 + 1e-9) && found.length < 30; power += 1) found.push(10 ** power);
  return found;
}

const steps = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 2592000, 31536000];

/** Round times of day between two times in seconds, as `{ at, label }`. */
export function timeTicks(from, to, count) {
  const step = steps.find((size) => (to - from) / size <= count) ?? (to - from) / count;
  const shift = new Date(from * 1000).getTimezoneOffset() * 60;
  const found = [];
  for (let at = Math.ceil((from - shift) / step) * step + shift; at <= to && found.length < 60; at += step) {
    const date = new Date(at * 1000);
    const two = (n) => String(n).padStart(2, "0");
    const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
    const label = step >= 86400 ? `${two(date.getMonth() + 1)}-${two(date.getDate())}` : step >= 60 ? time : step >= 1 ? `${time}:${two(date.getSeconds())}` : `${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, "0")}`;
    found.push({ at, label });
  }
  return found;
}

/** The times along the lower edge of a chart. */
export const timeAxis = (x, from, to, height, count) =>
  timeTicks(from, to, Math.max(2, Math.floor(count))).map((tick) => s("text", { x: x(tick.at), y: height - 4, "text-anchor": "middle" }, tick.label));

/** Lines across a chart with their values before them. */
export const valueAxis = (marks, y, left, right, write) => marks.map((value) => [
  s("line.grid", { x1: left, x2: right, y1: y(value), y2: y(value) }), s("text", { x: left - 8, y: y(value) + 4, "text-anchor": "end" }, write(value))]);

/** Shows a tip beside a place of a chart, on the side where there is more room. */
export function placeTip(tip, at, width) {
  tip.hidden = false;
  tip.style.left = at > width / 2 ? "" : `${at + 14}px`;
  tip.style.right = at > width / 2 ? `${width - at + 14}px` : "";
}

/** Lets a pointer select a range of an SVG between its edges, which may change; a click without moving selects nothing. */
export function brush(svg, edges, [top, bottom], select) {
  let start = null;
  let box = null;
  const place = (event) => Math.max(edges[0], Math.min(edges[1], event.clientX - svg.getBoundingClientRect().left));
  svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch") return;
    start = place(event);
  });
  svg.addEventListener("pointermove", (event) => {
    if (start === null) return;
    const now = place(event);
    if (!box && Math.abs(now - start) < 4) return;
    if (!box) { svg.append((box = s("rect", { class: "brush", y: top, height: bottom - top }))); svg.setPointerCapture(event.pointerId); }
    box.setAttribute("x", Math.min(start, now));
    box.setAttribute("width", Math.abs(now - start));
  });
  const end = (event) => {
    const [from, hasMoved] = [start, box];
    start = null;
    box?.remove();
    box = null;
    if (hasMoved && event.type === "pointerup") select(Math.min(from, place(event)), Math.max(from, place(event)));
  };
  svg.addEventListener("pointerup", end);
  svg.addEventListener("pointercancel", end);
}
