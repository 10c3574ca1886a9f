// One trace: waterfall, flame graph, log lines, and the panel of the chosen span.

import { get, path } from "./api.js";
import { assign } from "./colors.js";
import { h, icon, put } from "./dom.js";
import { detailPanel } from "./detail.js";
import { duration, line, number, plural, timestamp } from "./format.js";
import { flame } from "./flame.js";
import { dialog } from "./keys.js";
import { onChange } from "./live.js";
import { logRow, prepared } from "./loglines.js";
import { overview } from "./overview.js";
import { busy, chip, copyButton, empty, problem, refresher, segments, serviceName } from "./parts.js";
import { address, change, go, parse } from "./router.js";
import { buildTrace, matches } from "./tracemodel.js";
import { text } from "./values.js";
import { waterfall } from "./waterfall.js";

const maximumLogs = 1000;

const count = (n, noun) => h("span", h("b", number(n)), n === 1 ? ` ${noun}` : ` ${noun}s`);

export function create({ route, signal }) {
  const id = route.parts[0] ?? "";
  let trace = null;
  let logs = [];
  let logResources = [];
  let bySpan = new Map();
  let mode = "waterfall";
  let showsCritical = true;
  let isFolded = false;
  let view = [0, 1];

  const rows = waterfall({ choose: (span) => { change({ span: span.id }, true); if (panel.isOpen()) details(span); }, open: (span) => details(span) });
  const graph = flame({ open: (span) => { show("waterfall"); rows.pick(span); details(span); } });
  const strip = overview(zoom);
  const panel = detailPanel({ close: () => { panel.hide(); rows.element.focus(); }, pick: (spanID) => pickID(spanID) });
  const headPlace = h("div");
  const tools = h("div.trace-tools");
  const stage = h("div.trace-main");
  const element = h("div", headPlace, tools, h("div.trace-body", stage, panel.element));
  const found = h("span.faint", { role: "status" });
  const find = h("input", { type: "search", placeholder: "Find in this trace", "aria-label": "Find in this trace", "data-search": true, oninput: search, onkeydown: (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    seekFound(event.shiftKey ? -1 : 1);
  } });
  put(stage, busy());

  async function load() {
    try {
      const [data, lines] = await Promise.all([get(path("/data/traces", id), {}, signal), readLogs()]);
      assign(data.resources.map((resource) => resource.service));
      const isFirst = trace === null;
      trace = buildTrace(data);
      logs = lines;
      bySpan = new Map();
      for (const log of logs) if (log.spanId) bySpan.set(log.spanId, [...(bySpan.get(log.spanId) ?? []), log]);
      const { query } = parse();
      rows.set(trace, query.get("span") || rows.chosen()?.id);
      rows.setLogs(bySpan);
      strip.set(trace);
      drawHead();
      show(isFirst ? query.get("view") || "waterfall" : mode);
      if (isFirst && rows.chosen()) { rows.pick(rows.chosen()); details(rows.chosen()); }
      if (find.value) search();
      document.title = `${title()} · Telemetry`;
    } catch (error) {
      if (trace) return;
      put(stage, error.status === 404
        ? empty("This trace is not kept", "It has not arrived yet, was not sampled, or has made room for newer ones.", h("a.button", { href: address("logs", [], { q: `trace=${id}` }) }, "Look for its log lines"))
        : problem(error, load));
    }
  }

  async function readLogs() {
    try {
      const answer = await get("/data/logs", { q: `trace=${id}`, limit: maximumLogs }, signal);
      logResources = answer.resources;
      return answer.logs.map(prepared).reverse();
    } catch { return []; }
  }

  const root = () => trace.roots.reduce((most, one) => (one.end - one.start > most.end - most.start ? one : most), trace.roots[0]);
  const title = () => (trace?.roots.length ? `${line(root().name, 60)}, ${duration(trace.length)}` : "Trace");

  function drawHead() {
    const { data } = trace;
    const errors = trace.spans.filter((span) => span.isError).length;
    const open = trace.spans.filter((span) => span.isOpen).length;
    const skewed = trace.spans.filter((span) => span.skew !== 0).length;
    put(headPlace,
      h("div.trace-head", trace.roots.length > 0 && serviceName(root().service), h("h1", line(trace.roots.length ? root().name || "unnamed" : "Log lines only", 200)),
        errors > 0 && h("button", { onclick: () => { show("waterfall"); rows.seek((span) => span.isError); } }, chip(plural(errors, "error"), "error", "Go to the next one (])")),
        open > 0 && chip(`${number(open)} open`, "accent", "Spans that have not ended yet"),
        !data.isComplete && chip("incomplete", "warn", "Spans are missing, or their parents are"), skewed > 0 && chip("clock skew", "warn", "Clocks of the machines differ; the spans are marked"),
        data.isClipped && chip(`the first ${number(data.spans.length)} of ${number(data.totalSpans)} spans`, "warn"), Number(data.dropped) > 0 && chip(`${number(data.dropped)} spans dropped`, "warn", "Beyond what is kept of one trace")),
      h("div.trace-facts", h("span", h("b", duration(trace.length))), count(trace.spans.length, "span"), count(trace.services.length, "service"), h("span.wide", timestamp(trace.zero)),
        h("span.mono.wide", line(data.traceId, 40), copyButton(data.traceId, "Copy the trace id"))));
    drawTools();
  }

  function drawTools() {
    put(tools, segments("View", [["waterfall", "Waterfall", "w"], ["flame", "Flame graph", "f"], ["logs", `Logs ${number(logs.length)}`, "l"]], mode, (value) => change({ view: value === "waterfall" ? "" : value })),
      mode === "waterfall" && [h("label.find", icon("search"), find, found),
        h("button.button.wide", { "aria-pressed": String(showsCritical), title: "The spans without which the trace would have been shorter (c)", onclick: toggleCritical }, icon(showsCritical ? "check" : "plus"), "Critical path"),
        h("button.button.wide", { title: "Collapse or expand all (a)", onclick: foldAll }, isFolded ? "Expand all" : "Collapse all")],
      h("div.end", view[1] - view[0] < 1 && h("button.button", { onclick: () => zoom(0, 1) }, "Whole trace"),
        h("button.button.wide", { onclick: chooseOther }, "Compare"),
        h("a.button.wide", { href: `/data/traces/${encodeURIComponent(id)}/otlp`, download: `trace-${id}.json`, title: "Download as OTLP/JSON" }, icon("download"), "OTLP")));
  }

  function show(next) {
    mode = ["waterfall", "flame", "logs"].includes(next) ? next : "waterfall";
    if (!trace) return;
    drawTools();
    const scroll = rows.element.scrollTop;
    if (mode === "waterfall") { put(stage, strip.element, rows.element); rows.element.scrollTop = scroll; rows.redraw(); }
    else if (mode === "flame") { if (graph.trace !== trace) graph.set((graph.trace = trace)); put(stage, graph.element); }
    else put(stage, h("div.flame", logs.length === 0 ? empty("No log lines in this trace") : h("ol.logs", logs.map((log) => logRow(log, logResources, false)))));
  }

  function details(span) { panel.show(trace, span, bySpan.get(span.id) ?? []); }

  function pickID(spanID) {
    const span = trace?.spans.find((one) => one.id === spanID);
    if (span) { show("waterfall"); rows.pick(span); details(span); }
  }

  function search() {
    const words = find.value.trim().toLowerCase();
    const set = words ? new Set(trace.spans.filter((span) => matches(span, words, text))) : null;
    rows.find(set);
    found.textContent = set ? number(set.size) : "";
  }

  function seekFound(direction) {
    const words = find.value.trim().toLowerCase();
    if (words) rows.seek((span) => matches(span, words, text), direction);
  }

  function zoom(from, to) {
    view = [from, to];
    rows.zoom(from, to);
    strip.show(from, to);
    drawTools();
  }

  function toggleCritical() { showsCritical = !showsCritical; rows.showCritical(showsCritical); drawTools(); }
  function foldAll() { isFolded = !isFolded; rows.collapseAll(isFolded); drawTools(); }

  async function chooseOther() {
    const answer = await get("/data/traces", { q: trace.roots.length ? `name="${root().name.replace(/[\\"]/g, "\\$&")}"` : "", limit: 20 }, signal).catch(() => ({ traces: [] }));
    const others = answer.traces.filter((other) => other.traceId !== id);
    const box = dialog("Compare with", others.length === 0 ? h("p.soft", "No other trace has a span of this name. Mark any two in the list of traces with x.")
      : h("div.help-list", others.map((other) => h("button", { onclick: () => { box.close(); go(address("compare", [id, other.traceId])); } }, h("span", line(other.name, 80)), h("span.soft", `${duration(other.duration)}, ${plural(other.spans, "span")}${other.status === "error" ? ", error" : ""}`)))));
  }

  const inFlame = (direction) => () => { if (mode !== "flame") return false; graph.move(direction); };
  const inRows = (run) => () => { if (mode !== "waterfall" || !trace) return false; run(); };
  const logButtons = () => stage.querySelectorAll(".log-row");
  const stepLogs = (by) => { const all = [...logButtons()]; const at = all.indexOf(document.activeElement); all[Math.max(0, Math.min(all.length - 1, at + by))]?.focus(); };
  const step = (by) => () => { if (mode === "flame") graph.move(by > 0 ? "down" : "up"); else if (mode === "logs") stepLogs(by); else if (trace) rows.step(by); };
  const fold = (isCollapsed) => inRows(() => {
    const span = rows.chosen();
    if (!span) return;
    if (isCollapsed && (span.isCollapsed || span.children.length === 0)) { if (span.parent) rows.pick(span.parent); } else if (!isCollapsed && !span.isCollapsed && span.children[0]) rows.pick(span.children[0]); else rows.toggle(span, isCollapsed);
  });
  const sideways = (isLeft) => () => (mode === "flame" ? inFlame(isLeft ? "left" : "right")() : fold(isLeft)());
  const reload = refresher(() => (trace && trace.data.isComplete && trace.spans.every((span) => !span.isOpen) ? undefined : load()));
  const stop = onChange(reload);

  return {
    element, isFixed: true, title, ready: load(),
    update: (next) => {
      if (next.parts[0] !== id) return false;
      show(next.query.get("view") || "waterfall");
      if (next.query.get("span") && rows.chosen()?.id !== next.query.get("span")) pickID(next.query.get("span"));
      return true;
    },
    back: () => { if (mode === "flame" && graph.back()) return; if (panel.isOpen()) { panel.hide(); rows.element.focus(); } else history.length > 1 ? history.back() : go("#/traces"); },
    keys: [
      ["j, ArrowDown", "Next span", step(1)], ["k, ArrowUp", "Previous span", step(-1)],
      ["h, ArrowLeft", "Collapse, or go to the parent", sideways(true)], ["ArrowRight", "Expand, or go to the first child", sideways(false)],
      ["Enter", "Details of the span", inRows(() => { if (rows.chosen()) { details(rows.chosen()); } })],
      ["Tab", "To the details, links and buttons", () => false],
      ["]", "Next span with an error", inRows(() => rows.seek((span) => span.isError))], ["[", "Previous span with an error", inRows(() => rows.seek((span) => span.isError, -1))],
      ["n", "Next span that is found", inRows(() => seekFound(1))],
      ["z", "Zoom to the span, or back", inRows(() => { const span = rows.chosen(); if (view[1] - view[0] < 1 || !span) zoom(0, 1); else zoom(span.start / trace.length, Math.max(span.end / trace.length, span.start / trace.length + 1e-6)); })],
      ["c", "Show or hide the critical path", inRows(toggleCritical)], ["a", "Collapse or expand all", inRows(foldAll)],
      ["w", "Waterfall", () => change({ view: "" })], ["f", "Flame graph", () => change({ view: "flame" })], ["l", "Log lines", () => change({ view: "logs" })],
      ["o", "Follow the first link of the span", () => { panel.element.querySelector("[data-link]")?.click(); }],
      ["x", "Compare with another trace", chooseOther],
    ],
    close: () => { stop(); rows.close(); graph.close(); strip.close(); },
  };
}
