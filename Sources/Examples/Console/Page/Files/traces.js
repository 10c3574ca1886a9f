// The list of traces, newest first, with search and scatter plot.

import { get, now, span } from "./api.js";
import { assign } from "./colors.js";
import { h, keyed, put } from "./dom.js";
import { ago, duration, integer, line, number, plural, timestamp } from "./format.js";
import { filterBox } from "./filter.js";
import { listKeys } from "./keys.js";
import { onChange } from "./live.js";
import { busy, chip, csvAddress, csvLink, found, nothing, older, problem, refresher, serviceName, table } from "./parts.js";
import { rangeHead } from "./rangepicker.js";
import { address, change, go, parse, select } from "./router.js";
import { scatter } from "./scatter.js";

const pageSize = 100;
const maximumRows = 2000;

/** Traces that are marked for comparison, by their ids; they stay marked from view to view. */
const marked = new Map();

export function create({ signal, summary }) {
  let rows = [];
  let next = null;
  const search = filterBox({ signal: "traces", value: parse().query.get("q") ?? "", placeholder: "Search: error  duration>5ms  service:proxy  http.route=\"/albums/:id\"", search: (q) => change({ q }) });
  const plot = scatter({ select, href: (trace) => address("trace", [trace.traceId]) });
  const notes = h("div.notes");
  const content = h("div", busy());
  const list = table("Traces", [["Trace"], ["Services", "wide"], ["Spans", "end wide"], ["Duration", "end"], ["Start", "end"], [h("span.unseen", "Mark to compare"), "wide"]], [], ".traces");
  const body = list.querySelector("tbody");
  const more = h("div.more");
  const tray = h("div.tray", { hidden: true });
  const csv = csvLink();
  const heading = rangeHead("Traces", "all", summary.runs, csv);

  async function load(isOlder = false) {
    const query = parse().query;
    const q = query.get("q") ?? "";
    const params = { q, ...span("", query) };
    csv.setAttribute("href", csvAddress("/data/traces", { ...params, limit: 1000 }));
    try {
      const answer = await get("/data/traces", { ...params, limit: pageSize, before: isOlder ? next : "" }, signal);
      search.fail(null);
      const fresh = answer.traces.map(prepared);
      assign(fresh.flatMap((trace) => [trace.service, ...trace.services.map((service) => service.name)]));
      rows = isOlder ? merged(rows, fresh).slice(0, maximumRows) : fresh;
      next = answer.next;
      draw(answer, q);
    } catch (error) {
      if (error.status === 400 && q) search.fail(error);
      else if (rows.length === 0) put(content, problem(error, load));
      if (error.status === 400 && rows.length === 0) put(content);
    }
  }

  function draw(answer, q) {
    put(notes, found(answer, "trace", q),
      Number(summary.signals?.traces?.evicted) > 0 && h("a", { href: "#/health", class: "linked" }, "Older ones have made room: see Health"));
    if (rows.length === 0) {
      plot.set([]);
      put(content, notes, nothing(q ? "No trace matches" : "No traces in this time"));
      return;
    }
    if (list.parentNode !== content) put(content, plot.element, notes, list, more, tray);
    plot.set(rows);
    const lengths = rows.map((trace) => Math.log(Math.max(1000, Math.min(86400e9, trace.length))));
    const extent = [Math.min(...lengths) - 0.5, Math.max(...lengths)];
    keyed(body, rows, (trace) => trace.traceId, (trace) => row(trace, extent));
    drawTimes();
    put(more, older("traces", next, rows, maximumRows, () => load(true)));
    drawTray();
  }

  function drawTimes() {
    const time = now();
    for (const item of body.querySelectorAll("time")) item.textContent = ago(BigInt(item.dataset.ns), time);
  }

  function row(trace, [low, high]) {
    const href = address("trace", [trace.traceId]);
    const share = Math.min(1, (Math.log(Math.max(1000, trace.length)) - low) / (high - low));
    return h("tr", {
      class: marked.has(trace.traceId) ? "marked" : null,
      onclick: (event) => { if (!event.target.closest("a,input") && !getSelection().toString()) go(href); },
      onmouseenter: () => plot.point(trace.traceId), onmouseleave: () => plot.point(null),
    },
      h("td", h("div.trace-name", serviceName(trace.service),
        h("a.row-link.cut", { href, onfocus: () => plot.point(trace.traceId) }, line(trace.name || "unnamed", 120)),
        trace.status === "error" && chip(plural(trace.errors, "error"), "error"),
        trace.open > 0 && chip(`${number(trace.open)} open`, "accent", "Spans that have not ended yet"),
        !trace.isComplete && trace.open === 0 && chip("incomplete", "warn", "Spans are missing"))),
      h("td.wide", h("div.trace-services", trace.services.slice(0, 3).map((service) => serviceName(service.name, h("span", { class: service.errors ? "bad" : "faint" }, number(service.spans)))),
        trace.services.length > 3 && h("span.faint", `+${trace.services.length - 3}`))),
      h("td.end.wide", number(trace.spans)),
      h("td.end.duration-cell", h("div", { class: `duration-bar ${trace.status}` }, h("i", { style: { "--share": `${share * 100}%` }, "aria-hidden": "true" }), h("span", duration(trace.length)))),
      h("td.end.soft", h("time", { "data-ns": String(trace.ns), title: timestamp(trace.ns) }, ago(trace.ns, now()))),
      h("td.wide.end", h("input", {
        type: "checkbox", class: "mark-box", tabindex: "-1", "aria-label": `Compare ${line(trace.name, 80)}`, checked: marked.has(trace.traceId),
        onchange: () => mark(trace),
      })));
  }

  function mark(trace) {
    if (!marked.delete(trace.traceId)) {
      if (marked.size >= 2) marked.delete([...marked.keys()][0]);
      marked.set(trace.traceId, trace);
    }
    drawTray();
  }

  function drawTray() {
    for (const [key, element] of body.rowsByKey ?? []) {
      element.classList.toggle("marked", marked.has(key));
      element.querySelector("input").checked = marked.has(key);
    }
    tray.hidden = marked.size === 0;
    const names = [...marked.values()].map((trace) => `${line(trace.name, 50)}, ${duration(trace.length)}`);
    put(tray, h("span.soft.cut", names.join("  ·  "), marked.size === 1 && "  ·  mark another (x)"),
      h("button.button", { onclick: () => { marked.clear(); drawTray(); } }, "Clear"),
      h("button.button.main", { disabled: marked.size < 2, onclick: compare }, "Compare"));
  }

  function compare() { if (marked.size === 2) go(address("compare", [...marked.keys()])); }

  // Rows do not move away from a reader who has scrolled down.
  const reload = refresher(() => (document.querySelector("main").scrollTop > 200 ? undefined : load()));
  const timer = setInterval(drawTimes, 5000);
  const stop = onChange(reload);
  const focused = () => rows.find((trace) => body.rowsByKey?.get(trace.traceId)?.contains(document.activeElement));
  return {
    element: h("div", heading.element, search.element, content),
    title: () => "Traces",
    ready: load(),
    update: (route) => {
      search.set(route.query.get("q") ?? "");
      heading.draw();
      load();
      return true;
    },
    keys: [
      ...listKeys(() => body.querySelectorAll(".row-link"), "trace"),
      ["Enter", "Open the trace", () => false],
      ["x", "Mark to compare", () => { const trace = focused(); if (trace) mark(trace); }],
      ["c", "Compare the two marked", compare],
      ["e", "Only traces with an error, or all", () => { const q = parse().query.get("q") ?? ""; change({ q: /(^| )error( |$)/.test(q) ? q.replace(/(^| )error( |$)/, " ").trim() : `${q} error`.trim() }); }],
      ["o", "Show older traces", () => { if (next) load(true); }],
    ],
    close: () => { stop(); clearInterval(timer); plot.close(); },
  };
}

function prepared(trace) {
  return { ...trace, ns: integer(trace.start) ?? 0n, length: Number(trace.duration), version: `${trace.spans}/${trace.errors}/${trace.duration}/${trace.open}/${trace.isComplete}` };
}

function merged(old, fresh) {
  const known = new Set(old.map((trace) => trace.traceId));
  return [...old, ...fresh.filter((trace) => !known.has(trace.traceId))];
}

