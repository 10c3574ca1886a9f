// Services by rate, errors and duration, with their routes and charts.

import { get, now, span } from "./api.js";
import { chart, spark } from "./chart.js";
import { assign, colorClass } from "./colors.js";
import { h, put } from "./dom.js";
import { quoted } from "./filter.js";
import { clock, duration, integer, line, number, percent, perSecond } from "./format.js";
import { listKeys } from "./keys.js";
import { onChange } from "./live.js";
import { busy, head, nothing, percentiles, problem, refresher, serviceName } from "./parts.js";
import { address, change, parse, range, select } from "./router.js";

const steps = 30;
const columns = [["name", "Service", ""], ["rate", "Requests", "end"], ["errorRate", "Errors", "end"], ["p50", "p50", "end wide"], ["p95", "p95", "end"], ["p99", "p99", "end wide"]];

/** Reads services for parts of the range, so that their figures can be drawn over time; a part that has passed is read once. */
export function history(signal) {
  const known = new Map();
  return async function read(from, to) {
    const width = (to - from) / BigInt(steps) || 1n;
    const first = to / width - BigInt(steps) + 1n;
    const parts = [];
    for (let index = 0n; index < BigInt(steps); index += 1n) {
      const start = (first + index) * width;
      const key = `${start}/${width}`;
      const isPast = start + width + 10000000000n < now();
      parts.push({ at: Number(start + width / 2n) / 1e9, key, isPast, start, end: start + width });
    }
    // A few at a time: the browser opens no more than six connections.
    const rest = parts.filter((part) => !known.has(part.key));
    const worker = async () => {
      for (let part = rest.shift(); part; part = rest.shift()) {
        const { services } = await get("/data/services", { from: part.start, to: part.end - 1n }, signal);
        part.services = new Map(services.map((service) => [service.name, service]));
        if (part.isPast) known.set(part.key, part.services);
      }
    };
    await Promise.all([worker(), worker(), worker()]);
    if (known.size > 1000) known.clear();
    return { from: Number(first * width) / 1e9, to: Number((first + BigInt(steps)) * width) / 1e9, parts: parts.map((part) => ({ at: part.at, services: part.services ?? known.get(part.key) ?? new Map() })) };
  };
}

export function create({ signal, summary, picker }) {
  let services = [];
  let past = null;
  let order = ["rate", -1];
  let before = null;
  const read = history(signal);
  const body = h("tbody");
  const headings = h("tr");
  const pickerPlace = h("div", {}, picker("-15m", summary.runs));
  const runPlace = h("div", {}, runPicker());
  const content = h("div", {}, busy());
  const table = h("div", { class: "table-frame" }, h("table", { "aria-label": "Services" }, h("thead", {}, headings), body));
  const detail = h("div", {});
  let charts = [];

  async function load() {
    try {
      const query = span("-15m");
      const answer = await get("/data/services", query, signal);
      services = answer.services.map((service) => ({ ...service, p50: Number(service.p50), p95: Number(service.p95), p99: Number(service.p99) }));
      assign(services.map((service) => service.name));
      before = await other();
      draw();
      const to = BigInt(query.to ?? now());
      past = await read(BigInt(query.from ?? (summary.signals?.traces?.oldest || to - 900000000000n)), to);
      draw();
    } catch (error) {
      if (error.name !== "AbortError" && services.length === 0) put(content, problem(error, load));
    }
  }

  /** The services of the run that the reader compares with, by name. */
  async function other() {
    const run = (summary.runs ?? []).find((one) => one.id === parse().query.get("vs"));
    if (!run) return null;
    const answer = await get("/data/services", { from: run.start, to: run.end }, signal);
    return new Map(answer.services.map((service) => [service.name, service]));
  }

  /** Makes the choice of a run to compare with, where the store has several. */
  function runPicker() {
    const runs = summary.runs ?? [];
    if (runs.length < 2) return null;
    return h("select", { class: "select", "aria-label": "Compare with a run", onchange: (event) => change({ vs: event.target.value }) }, h("option", { value: "" }, "Compare with a run"),
      runs.map((run) => h("option", { value: run.id, selected: run.id === parse().query.get("vs") }, `Compare with ${clock(integer(run.start) ?? 0n)}`)));
  }

  /** The change against the other run, where it is more than a tenth. */
  function against(value, old, write, isWorseWhenMore = true) {
    if (old === undefined || !before) return null;
    const by = value - Number(old);
    if (Math.abs(by) < Math.max(1e-9, Math.abs(Number(old)) * 0.1)) return h("div", { class: "delta faint" }, "as before");
    return h("div", { class: `delta ${isWorseWhenMore ? (by > 0 ? "slower" : "faster") : "soft"}` }, `${by < 0 ? "−" : "+"}${write(Math.abs(by))}`);
  }

  function draw() {
    if (services.length === 0) return void put(content, nothing("No service has answered a request in this time", { from: "all", to: "" }));
    if (table.parentNode !== content) put(content, table, detail);
    put(headings, columns.map(([key, title, kind]) => h("th", { scope: "col", class: kind, "aria-sort": order[0] === key ? (order[1] > 0 ? "ascending" : "descending") : null },
      h("button", { class: "sort", "aria-pressed": String(order[0] === key), onclick: () => { order = [key, order[0] === key ? -order[1] : key === "name" ? 1 : -1]; draw(); } }, title, order[0] === key && (order[1] > 0 ? " ↑" : " ↓")))),
      h("th", { scope: "col", class: "wide" }, "Rate"), h("th", { scope: "col", class: "wide" }, "p95"), h("th", { scope: "col", class: "end wide" }, h("span", { class: "unseen" }, "Traces")));
    const [key, direction] = order;
    const sorted = [...services].sort((a, b) => (key === "name" ? a.name.localeCompare(b.name) : a[key] - b[key]) * direction);
    const focus = document.activeElement?.dataset?.service;
    const chosen = parse().query.get("name") ?? sorted[0].name;
    put(body, sorted.map((service) => h("tr", { class: service.name === chosen ? "marked" : null },
      h("td", {}, h("a", { class: "row-link", "data-service": service.name, href: address("services", [], { ...range(), name: service.name }) }, serviceName(service.name))),
      h("td", { class: "end" }, perSecond(service.rate), against(service.rate, before?.get(service.name)?.rate, perSecond, false)),
      h("td", { class: `end ${service.errorRate > 0 ? "bad" : "faint"}` }, percent(service.errorRate), against(service.errorRate, before?.get(service.name)?.errorRate, percent)),
      percentiles(service.rate > 0 ? service : {}, (name) => against(service[name], before?.get(service.name)?.[name], duration)),
      h("td", { class: `wide ${colorClass(service.name)}` }, sparkOf(service.name, "rate")), h("td", { class: `wide ${colorClass(service.name)}` }, sparkOf(service.name, "p95")),
      h("td", { class: "end wide" }, h("a", { class: "linked", "aria-label": `Traces of ${line(service.name, 60)}`, href: address("traces", [], { ...range(), q: `service=${quoted(service.name)}` }) }, "Traces")))));
    if (focus) body.querySelector(`[data-service="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
    drawDetail(services.find((service) => service.name === chosen));
  }

  const points = (name, field) => past.parts.map((part) => [part.at, part.services.has(name) ? Number(part.services.get(name)[field]) : field === "rate" ? 0 : NaN]);
  const sparkOf = (name, field) => past && spark(points(name, field).map(([, value]) => value));

  function drawDetail(service) {
    if (!service) return void put(detail);
    if (charts.name !== service.name) {
      charts.forEach((one) => one.close());
      charts = [["Requests", ["rate"], perSecond], ["Share of errors", ["errorRate"], percent], ["Duration", ["p50", "p95", "p99"], duration]].map(([title, fields, write]) => ({ title, fields, write, ...chart({ label: `${title} of ${line(service.name, 60)}`, height: 150, select }) }));
      charts.name = service.name;
      charts.panels = charts.map((one) => h("div", { class: "panel" }, h("header", {}, h("h2", {}, one.title)), h("div", { class: "panel-body" }, one.element)));
      charts.routes = h("div", {});
      put(detail, h("h2", { class: "section-title" }, serviceName(service.name)), h("div", { class: "charts" }, charts.panels), charts.routes);
    }
    if (past) for (const one of charts) one.set({ from: past.from, to: past.to, write: one.write, series: one.fields.map((field, index) => ({ name: field, className: one.fields.length === 1 ? (field === "errorRate" ? "s5" : colorClass(service.name)) : `s${[0, 3, 2][index]}`, points: points(service.name, field) })) });
    put(charts.routes, h("h2", { class: "section-title" }, "Routes"), h("div", { class: "table-frame" }, h("table", { "aria-label": `Routes of ${line(service.name, 60)}` },
      h("thead", {}, h("tr", {}, ["Route", "Requests", "Errors", "p50", "p95", "p99"].map((title, index) => h("th", { scope: "col", class: index ? (index === 3 || index === 5 ? "end wide" : "end") : null }, title)))),
      h("tbody", {}, [...service.routes].sort((a, b) => b.rate - a.rate).slice(0, 200).map((route) => h("tr", {},
        h("td", {}, h("a", { class: "row-link", href: address("traces", [], { ...range(), q: `service=${quoted(service.name)} name=${quoted(route.name)}` }) }, line(route.name || "unnamed", 160)), " ", h("span", { class: "faint" }, line(route.kind === 2 ? "" : route.kind === 5 ? "consumer" : typeof route.kind === "string" && route.kind !== "server" ? route.kind : "", 20))),
        h("td", { class: "end" }, perSecond(route.rate)), h("td", { class: `end ${Number(route.errors) ? "bad" : "faint"}` }, percent(Number(route.spans) ? Number(route.errors) / Number(route.spans) : 0)),
        percentiles(route)))))),
      service.routes.length > 200 && h("p", { class: "soft" }, `${number(service.routes.length - 200)} routes with fewer requests are not listed.`));
  }

  const stop = onChange(refresher(load, 3000));
  return {
    element: h("div", {}, head("Services", "", runPlace, pickerPlace), content), title: () => "Services", ready: load(),
    update: () => { put(pickerPlace, picker("-15m", summary.runs)); put(runPlace, runPicker()); load(); return true; },
    keys: [...listKeys(() => content.querySelectorAll(".row-link"), "service or route"), { keys: "v", says: "Compare with a run", run: () => runPlace.querySelector("select")?.focus() }],
    close: () => { stop(); charts.forEach((one) => one.close()); },
  };
}
