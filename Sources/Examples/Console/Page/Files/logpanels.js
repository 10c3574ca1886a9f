// Panels over log lines: how many over time by the values of a field, which have errors, which take long. They are kept in the address.

import { get } from "./api.js";
import { bars } from "./bars.js";
import { assign, colorClass, lineClass } from "./colors.js";
import { focused, h, icon, put } from "./dom.js";
import { quote, quoted } from "./filter.js";
import { compact, line, number, percent, plural } from "./format.js";
import { busy, chip, empty, problem, serviceName, table } from "./parts.js";
import { change, decoded, parse } from "./router.js";

const maximumPanels = 12;
const fields = [["service", "Services"], ["severity", "Severities"], ["message", "Messages"], ["scope", "Scopes"]];
const orders = [["", "Most lines"], ["errors", "Most errors"], ["p95", "Slowest"]];
const numbers = [["p50", "end wide"], ["p95", "end"], ["max", "end wide"]];
/** Attributes of access logs: what was asked for, and how long it took. */
const routes = ["http.route", "route", "url.path", "path"];
const durations = ["http.server.request.duration", "duration_ms", "duration", "latency_ms", "latency", "elapsed_ms"];

/** A panel of the address: `field`, or `field~measure~order`; `~` alone is for none. */
const read = (text) => { const [by, of = "", sort = ""] = text.split("~").map(decoded); return { by, of, sort }; };
const write = ({ by, of = "", sort = "" }) => [by, of, sort].map(encodeURIComponent).join("~").replace(/~+$/, "");

/** The search for the lines of a value; null where the language has none. */
export function narrower(by, value) {
  if (by === "message") {
    // Words that touch a placeholder are parts of longer ones.
    const parts = value.split(/<(?:quoted|number|id)>/).map((part, index, all) => (index === 0 ? part : part.replace(/^[\p{L}\p{N}_]+/u, "")).replace(index + 1 < all.length ? /[\p{L}\p{N}_]+$/u : /^$/, "").trim());
    const found = parts.filter((part) => /[\p{L}\p{N}]/u.test(part)).map(quote);
    return found.length > 0 ? found.join(" ") : null;
  }
  if (/… \(\d+ bytes\)$/.test(value)) return null;
  // The names of fields are of letters alone, and an attribute of such a name is meant only in quotes.
  return `${fields.some(([name]) => name === by) || /^\w+[._][\w.\-/]*$/.test(by) ? by : quote(by)}=${quoted(value)}`;
}

/** Puts a term beside a search. */
export const beside = (q, term) => `${/(^|\s)OR(\s|$)/.test(q) ? `(${q})` : q} ${term}`.trim();

export function logPanels(signal) {
  const grid = h("div.charts.log-panels", busy());
  const adder = h("div.controls");
  const element = h("div", grid, adder);
  const shown = new Map();
  let keys = [];

  const wanted = () => {
    const text = parse().query.get("panels");
    if (text) return text.split(",").slice(0, maximumPanels).map(read).filter((one) => one.by);
    const [route, duration] = [routes, durations].map((names) => names.find((name) => keys.includes(name)));
    return [{ by: "service", sort: "errors" }, { by: "message" }, route && { by: route, of: duration, sort: duration && "p95" }, { by: "severity" }].filter(Boolean);
  };
  const keep = (panels) => change({ panels: panels.map(write).join(",") || "~" });

  async function load(q, range) {
    if (!keys.length) keys = (await get("/data/facets", { signal: "logs" }, signal).catch(() => ({ values: [] }))).values.map((one) => String(one.value));
    const panels = wanted();
    const names = panels.map(write);
    for (const [name, one] of shown) if (!names.includes(name)) { one.close(); shown.delete(name); }
    for (const one of panels) if (!shown.has(write(one))) shown.set(write(one), panel(one));
    const elements = names.map((name) => shown.get(name).element);
    if (elements.length !== grid.children.length || elements.some((one, index) => one !== grid.children[index])) put(grid, elements);
    drawAdder(panels);
    await Promise.all(panels.map((one) => shown.get(write(one)).load(q, range)));
  }

  function drawAdder(panels) {
    if (adder.contains(document.activeElement)) return;
    const free = [...fields, ...keys.map((key) => [key, key])].filter(([by]) => !panels.some((one) => one.by === by));
    put(adder, panels.length < maximumPanels && h("select.select", { "aria-label": "Add a panel", onchange: (event) => { event.target.blur(); keep([...panels, { by: event.target.value }]); } },
      h("option", { value: "" }, "Add a panel by…"), free.map(([by, says]) => h("option", { value: by }, line(says, 80)))));
  }

  function panel(one) {
    const title = line(fields.find(([by]) => by === one.by)?.[1] ?? one.by, 80);
    let data = null;
    const chart = bars({ label: `Lines by ${title}`, height: 130, pick: (index, from, to) => follow(data.series[index]?.value, { from, to }) });
    const content = h("div.panel-body", busy());
    const list = h("div");
    const set = (part) => keep(wanted().map((other) => (write(other) === write(one) ? { ...other, ...part } : other)));
    const dropdown = (says, options, chosen, choose) => h("select.select", { "aria-label": `${says} of ${title}`, onchange: (event) => choose(event.target.value) },
      options.map(([value, text]) => h("option", { value, selected: value === chosen }, line(text, 60))));
    const element = h("section.panel", h("header", h("h2.breaks", title), h("div.head-controls",
      dropdown("Measure", [["", "No measure"], ...[...new Set([...durations.filter((key) => keys.includes(key)), ...keys])].map((key) => [key, `of ${key}`])], one.of, (of) => set({ of, sort: "" })),
      dropdown("Order", orders.slice(0, one.of ? 3 : 2), one.sort, (sort) => set({ sort })),
      h("button.icon-button.small", { "aria-label": `Remove ${title}`, onclick: () => keep(wanted().filter((other) => write(other) !== write(one))) }, icon("close")))), content);

    const follow = (value, range = {}) => {
      const term = value === undefined ? "" : narrower(one.by, value);
      if (term !== null) change({ show: "", panels: "", ...range, q: beside(parse().query.get("q") ?? "", term) });
    };
    const kind = (value, index) => (one.by === "service" ? colorClass(value) : one.by === "severity" ? `level-${value}` : lineClass(index));

    async function load(q, range) {
      try {
        data = await get("/data/logs/breakdown", { q, by: one.by, of: one.of, sort: one.sort, steps: 60, ...range }, signal);
        if (one.by === "service") assign(data.series.map((series) => series.value));
        draw();
      } catch (error) {
        if (error.status === 400 && q) throw error;
        if (!data) put(content, problem(error, () => load(q, range)));
      }
    }

    function draw() {
      if (data.series.length === 0) return void put(content, empty(Number(data.total) === 0 ? "No lines" : `No line has ${title}`));
      const { rest, without, series } = data;
      chart.set({ start: data.start, step: data.step, series: [...series.map((one, index) => ({ name: one.value, className: kind(one.value, index), counts: one.counts })), { name: "others", className: "rest", counts: rest.counts }] });
      const refocus = focused(list, "value");
      const cells = (one) => [h("td.end", compact(one.count)), h("td", { class: `end ${one.errors > 0 ? "bad" : "faint"}` }, percent(one.errors / Math.max(1, one.count)))];
      const measures = (measure) => one.of && numbers.map(([name, side]) => h("td", { class: side }, measure ? compact(measure[name]) : "–"));
      put(list, h("div.notes", without.count > 0 && h("span", `${plural(without.count, "line")} without`), data.measuredOneOf > 1 && h("span", `measured in one of ${number(data.measuredOneOf)} lines`), data.isPartial && chip(`Only ${plural(data.total, "line")} could be counted in the time allowed`, "warn"), data.hasMoreValues && chip(`Only ${number(data.values)} values are told apart, the rest is one`, "warn")), table(`Values of ${title}`, [["Value"], ["Lines", "end"], ["Errors", "end"], ...(one.of ? numbers : [])], [
        ...series.map((value, index) => h("tr", h("td", h("button", { class: `row-link breaks ${kind(value.value, index)}`, "data-value": `=${value.value}`, disabled: narrower(one.by, value.value) === null, onclick: () => follow(value.value) },
          one.by === "service" ? serviceName(value.value) : [h("i.dot"), line(value.value || "–", 200)])), cells(value), measures(value.measure))),
        rest.count > 0 && h("tr", h("td.soft.rest", h("i.dot"), " ", data.values > series.length ? `${plural(data.values - series.length, "other value")}${data.hasMoreValues ? " and more" : ""}` : "Others"), cells(rest), measures(null)),
      ]));
      if (list.parentNode !== content) put(content, chart.element, list);
      refocus();
    }

    return { element, load, close: chart.close };
  }

  return { element, load, rows: () => element.querySelectorAll(".row-link:not([disabled])"), close: () => { for (const one of shown.values()) one.close(); } };
}
