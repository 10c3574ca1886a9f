// The waterfall: rows of spans of which only those in sight exist.

import { colorClass } from "./colors.js";
import { ticks } from "./axis.js";
import { h, icon, put } from "./dom.js";
import { duration, line, number, signed } from "./format.js";
import { chip, framed } from "./parts.js";
import { visibleSpans } from "./tracemodel.js";

const beyond = 12;
const maximumIndent = 20;
const narrow = matchMedia("(max-width: 760px)");

/** Makes the waterfall; `choose` is called with the span that the reader goes to, `open` when its details are asked for. */
export function waterfall({ choose, open }) {
  let trace = null;
  let rows = [];
  let chosen = null;
  let found = null;
  let window_ = [0, 1];
  let showsCritical = true;
  let logs = new Map();
  const body = h("div.rows", { role: "presentation" });
  const ruler = h("div.ruler-time", { role: "presentation" });
  const element = h("div.waterfall", { role: "treegrid", tabindex: "0", "aria-label": "Spans of the trace" },
    h("div.ruler", { role: "row" }, h("div.ruler-name", { role: "columnheader" }, "Span"), h("div.unseen", { role: "columnheader" }, "Time"), ruler), body);
  const height = () => (narrow.matches ? 46 : 28);

  element.addEventListener("scroll", () => draw(), { passive: true });
  const observer = new ResizeObserver(() => { if (trace) layout(); });
  observer.observe(element);
  body.addEventListener("click", (event) => {
    const row = event.target.closest(".span-row");
    if (!row || getSelection().toString()) return;
    const span = trace.spans[Number(row.dataset.index)];
    if (event.target.closest(".fold:not(.none)")) toggle(span);
    else { pick(span); open(span); }
  });

  function layout() {
    rows = visibleSpans(trace);
    body.style.height = `${rows.length * height() + 24}px`;
    element.setAttribute("aria-rowcount", rows.length + 1);
    drawNow();
    drawRuler();
  }

  const draw = framed(drawNow);

  function drawNow() {
    if (!trace) return;
    const size = height();
    const first = Math.max(0, Math.floor(element.scrollTop / size) - beyond);
    const last = Math.min(rows.length, Math.ceil((element.scrollTop + element.clientHeight) / size) + beyond);
    const kept = new Map();
    for (const row of [...body.children]) {
      const at = Number(row.dataset.row);
      const isStill = at >= first && at < last && rows[at]?.index === Number(row.dataset.index) && row.dataset.draft === draft();
      if (isStill) kept.set(at, row);
      else row.remove();
    }
    const fresh = document.createDocumentFragment();
    for (let at = first; at < last; at += 1) {
      const row = kept.get(at) ?? makeRow(rows[at], at, size);
      mark(row, rows[at]);
      if (!kept.has(at)) fresh.append(row);
    }
    body.append(fresh);
    if (chosen && rows.includes(chosen)) element.setAttribute("aria-activedescendant", `span-${chosen.index}`);
    else element.removeAttribute("aria-activedescendant");
  }

  let version = 0;
  const draft = () => `${version}`;

  function mark(row, span) {
    row.classList.toggle("chosen", span === chosen);
    row.setAttribute("aria-selected", span === chosen);
    row.classList.toggle("found", Boolean(found?.has(span)));
    row.classList.toggle("dim", Boolean(found && !found.has(span)));
  }

  const place = (time) => ((time / trace.length - window_[0]) / (window_[1] - window_[0])) * 100;
  const clipped = (value) => Math.max(-1, Math.min(101, value));

  function makeRow(span, at, size) {
    const [left, right] = [place(span.start), place(span.end)];
    const [from, to] = [clipped(left), clipped(right)];
    const length = duration(span.end - span.start);
    const box = (name, [a, b], title) => {
      const [x, y] = [clipped(place(a)), clipped(place(b))];
      return y > x && h("i", { class: name, title, style: { left: `${x}%`, width: `${y - x}%` } });
    };
    const lines = logs.get(span.id) ?? [];
    const time = h("div.span-time", { role: "gridcell" },
      right >= 0 && left <= 100 && h("div", { class: `bar ${span.isOpen ? "open" : ""} ${span.isError ? "error" : ""}`, style: { left: `${from}%`, width: `${Math.max(0, to - from)}%` } }),
      span.gaps.slice(0, 40).map((gap) => box("gap", gap, `${duration(gap[1] - gap[0])} in which no child was at work`)),
      showsCritical && span.critical.slice(0, 200).map((part) => box("critical", part)),
      (span.raw.events ?? []).slice(0, 50).map((event) => tick(event.name === "exception" ? "tick error" : "tick", event.time, line(event.name, 80))),
      lines.slice(0, 50).map((log) => tick(log.severity >= 17 ? "tick error" : "tick", log.time, "Log line")),
      labelled(span, from, to, span.isOpen ? "open" : length));
    return h("div", {
      class: `span-row ${colorClass(span.service)}`, id: `span-${span.index}`, role: "row", "data-index": span.index, "data-row": at, "data-draft": draft(), style: { top: `${at * size}px` },
      "aria-level": span.depth + 1, "aria-rowindex": at + 2, "aria-expanded": span.children.length ? String(!span.isCollapsed) : null,
    }, h("div.span-name", { role: "rowheader" },
      span.depth > 0 && h("i.indent", { style: { width: `${Math.min(span.depth, maximumIndent) * 14}px` } }),
      span.depth > maximumIndent && chip(`+${span.depth - maximumIndent}`),
      span.children.length > 0 ? h("span", { class: `fold ${span.isCollapsed ? "closed" : ""}`, "aria-hidden": "true" }, number(span.isCollapsed ? span.size - 1 : span.children.length)) : h("i.fold.none"),
      h("i.span-color"), h("span.span-title", { title: line(span.name, 300) }, line(span.name || "unnamed", 120)), h("span.span-service", line(span.service, 60)),
      span.isError && h("span.span-flag", { title: "Error" }, icon("warn"), h("span.unseen", "error")),
      !span.isError && span.isCollapsed && span.hasErrorBelow && h("span.span-flag", { title: "An error below" }, icon("warn")),
      span.skew !== 0 && chip(`clock ${signed(span.skew)}`, "warn", "The clocks of the two machines differ: this span is outside of its caller's time"),
      span.isFar && chip("clock far off", "warn", "Its time is days away from that of the others; it stands beyond the edge"),
      span.isOrphan && chip("parent missing", "warn", "The parent of this span has not arrived"),
      span.isCycle && chip("circle", "warn", "Its parents lead back to it"),
      lines.length > 0 && chip(`${number(lines.length)} log${lines.length === 1 ? "" : "s"}`),
      h("span.unseen", `${length}${span.isOpen ? ", open" : ""}`)), time);
  }

  function tick(name, at, title) {
    const spot = place(Number(BigInt(at || 0) - trace.zero));
    return spot >= 0 && spot <= 100 && h("i", { class: name, title, style: { left: `min(${spot}%, calc(100% - 2px))` } });
  }

  function labelled(span, from, to, text) {
    if (to < 0 || from > 100) return null;
    // The label stands behind the bar where there is room, else before it, else on it.
    if (to < 84) return h("span.bar-label", { style: { left: `${Math.max(0, to)}%` } }, text);
    if (from > 14) return h("span.bar-label", { style: { right: `${100 - from}%` } }, text);
    return h("span.bar-label", { style: { right: "0" } }, h("span.bar-label-back", text));
  }

  function drawRuler() {
    const [from, to] = [window_[0] * trace.length, window_[1] * trace.length];
    put(ruler, ticks(from, to, narrow.matches ? 3 : 5).filter((at) => at < from + (to - from) * 0.94).map((at) => h("span", { style: { left: `${place(at)}%` } }, duration(at))));
  }

  function redraw() { version += 1; drawNow(); drawRuler(); }

  function toggle(span, isCollapsed = !span.isCollapsed) {
    if (span.children.length === 0) return;
    span.isCollapsed = isCollapsed;
    version += 1;
    if (isCollapsed) for (let at = chosen; at; at = at.parent) if (at.parent === span) { chosen = span; break; }
    layout();
  }

  function reveal(span) {
    let hasOpened = false;
    for (let at = span.parent; at; at = at.parent) if (at.isCollapsed) { at.isCollapsed = false; hasOpened = true; }
    if (hasOpened) { version += 1; layout(); }
    const at = rows.indexOf(span);
    const size = height();
    const [top, bottom] = [at * size, at * size + size + 26];
    if (top < element.scrollTop) element.scrollTop = top - size;
    else if (bottom > element.scrollTop + element.clientHeight) element.scrollTop = bottom - element.clientHeight + size;
  }

  function pick(span) {
    chosen = span;
    reveal(span);
    drawNow();
    choose(span);
  }

  function step(by) {
    const at = chosen ? rows.indexOf(chosen) : -1;
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + by))];
    if (next) pick(next);
    element.focus({ preventScroll: true });
  }

  /** Goes to the next span, in either direction, that fulfills the condition. */
  function seek(condition, direction = 1) {
    const all = visibleSpans(trace);
    const whole = direction > 0 ? all : all.reverse();
    const at = whole.indexOf(chosen);
    const next = [...whole.slice(at + 1), ...whole.slice(0, at + 1)].find(condition);
    if (next) pick(next);
    return next;
  }

  return {
    element, pick, step, toggle, seek, redraw,
    chosen: () => chosen,
    set: (next, chosenID) => {
      const closed = new Set(trace?.spans.filter((span) => span.isCollapsed).map((span) => span.id));
      trace = next;
      for (const span of trace.spans) span.isCollapsed = closed.has(span.id);
      chosen = trace.spans.find((span) => span.id === chosenID) ?? null;
      version += 1;
      layout();
    },
    setLogs: (map) => { logs = map; redraw(); },
    find: (set) => { found = set; drawNow(); },
    zoom: (from, to) => { window_ = [from, to]; redraw(); },
    showCritical: (value) => { showsCritical = value; redraw(); },
    collapseAll: (value) => { for (const span of trace.spans) span.isCollapsed = value && span.children.length > 0 && span.depth >= 1; version += 1; layout(); },
    close: () => observer.disconnect(),
  };
}
