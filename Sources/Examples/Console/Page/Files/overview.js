// The whole trace in a strip: where something happens, and which part of it the waterfall shows.

import { h, onWidth } from "./dom.js";

/** Makes the strip; `zoom` is called with the shares at which the selected part begins and ends. */
export function overview(zoom) {
  const canvas = h("canvas", { "aria-hidden": "true" });
  const shade = h("div.overview-range", { hidden: true });
  const element = h("div.overview", { title: "Drag to zoom, double-click to see all" }, canvas, shade);
  let trace = null;
  let start = null;
  const stop = onWidth(element, draw);

  function draw(width = element.clientWidth) {
    if (!trace || width < 10) return;
    const height = element.clientHeight;
    const ratio = devicePixelRatio || 1;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    const styles = getComputedStyle(document.documentElement);
    const color = styles.getPropertyValue("--c0").trim();
    const error = styles.getPropertyValue("--error").trim();
    // Deeper levels share the last lane, so that the first ones stay visible in a deep trace.
    const lanes = Math.min(14, trace.spans.reduce((most, span) => Math.max(most, span.depth), 0) + 1);
    const step = Math.min(6, (height - 8) / lanes);
    for (const span of trace.spans) {
      context.fillStyle = span.isError ? error : color;
      context.globalAlpha = span.isError ? 1 : 0.55;
      context.fillRect((span.start / trace.length) * (width - 16), 4 + Math.min(span.depth, lanes - 1) * step, Math.max(1, ((span.end - span.start) / trace.length) * (width - 16)), Math.max(1, step - 1));
    }
  }

  const share = (event) => Math.max(0, Math.min(1, (event.clientX - element.getBoundingClientRect().left) / Math.max(1, element.clientWidth - 16)));
  element.addEventListener("pointerdown", (event) => { start = share(event); element.setPointerCapture(event.pointerId); });
  element.addEventListener("pointermove", (event) => { if (start !== null && Math.abs(share(event) - start) > 0.005) show(start, share(event)); });
  element.addEventListener("pointerup", (event) => {
    const [a, b] = [start, share(event)];
    start = null;
    if (a !== null && Math.abs(a - b) > 0.005) zoom(Math.min(a, b), Math.max(a, b));
  });
  element.addEventListener("pointercancel", () => { start = null; });
  element.addEventListener("dblclick", () => zoom(0, 1));

  function show(a, b) {
    const [from, to] = [Math.min(a, b), Math.max(a, b)];
    shade.hidden = from <= 0 && to >= 1;
    shade.style.left = `calc(${from} * (100% - 16px))`;
    shade.style.width = `calc(${to - from} * (100% - 16px))`;
  }

  const theme = new MutationObserver(() => draw());
  theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  return { element, set: (next) => { trace = next; draw(); }, show, close: () => { stop(); theme.disconnect(); } };
}
