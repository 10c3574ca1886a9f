// Log lines, newest first, as they come; with search and their number over time.

import { get, now, span } from "./api.js";
import { brush, scale, ticks, timeAxis, valueAxis } from "./axis.js";
import { assign } from "./colors.js";
import { h, keyed, onWidth, put, s } from "./dom.js";
import { filterBox, quoted } from "./filter.js";
import { compact, number } from "./format.js";
import { listKeys } from "./keys.js";
import { onChange } from "./live.js";
import { logRow, prepared } from "./loglines.js";
import { busy, csvAddress, csvLink, found, nothing, older, problem, refresher, serviceName } from "./parts.js";
import { rangeHead } from "./rangepicker.js";
import { change, parse, select } from "./router.js";

const pageSize = 200;
const maximumRows = 3000;
const levels = ["trace", "debug", "info", "warn", "error", "fatal"];
const height = 96;

export function create({ signal, summary }) {
  let rows = [];
  let next = null;
  const search = filterBox({ signal: "logs", value: parse().query.get("q") ?? "", placeholder: "Search: severity>=warn  service:proxy  \"a text\"  begin*  trace=…", search: (q) => change({ q }) });
  const csv = csvLink();
  const heading = rangeHead("Logs", "all", summary.runs, csv);
  const list = h("ol.logs", { "aria-label": "Log lines" });
  const notes = h("div.notes");
  const more = h("div.more");
  const content = h("div", busy());
  const volume = volumeChart();
  const shares = h("div.shares");
  let total = null;

  async function load(isOlder = false) {
    const query = parse().query;
    const q = query.get("q") ?? "";
    const range = span("", query);
    csv.setAttribute("href", csvAddress("/data/logs", { q, ...range, limit: 1000 }));
    try {
      const [answer, counts] = await Promise.all([get("/data/logs", { q, ...range, limit: pageSize, before: isOlder ? next : "" }, signal), isOlder ? null : readVolume(q, range)]);
      search.fail(null);
      assign(answer.logs.map((log) => log.service));
      const fresh = answer.logs.map((log) => ({ ...prepared(log), resources: answer.resources }));
      rows = (isOlder ? [...rows, ...fresh] : fresh).slice(0, maximumRows);
      next = answer.next;
      if (counts) { volume.set(counts); put(shares, parts(counts, q)); }
      if (counts) total = counts.total;
      draw({ ...answer, matched: total ?? answer.matched }, q);
    } catch (error) {
      if (error.status === 400 && q) { search.fail(error); if (rows.length === 0) put(content); } else if (rows.length === 0) put(content, problem(error, load));
    }
  }

  async function readVolume(q, range) {
    const to = range.to ?? String(now());
    const oldest = summary.signals?.logs?.oldest ?? summary.started;
    const from = range.from ?? (oldest && BigInt(to) - BigInt(oldest) > 60000000000n ? oldest : String(BigInt(to) - 60000000000n));
    return get("/data/logs/volume", { q, from, to, steps: 80 }, signal).catch(() => null);
  }

  function draw(answer, q) {
    put(notes, found(answer, "line", q));
    if (rows.length === 0) return void put(content, volume.element, shares, nothing(q ? "No line matches" : "No log lines in this time"));
    if (list.parentNode !== content) put(content, volume.element, shares, notes, list, more);
    keyed(list, rows, (log) => log.id, (log) => logRow(log, log.resources));
    put(more, older("lines", next, rows, maximumRows, () => load(true)));
  }

  // Whoever has scrolled down is reading: lines do not move away then.
  const reload = refresher(() => (document.querySelector("main").scrollTop > 200 ? undefined : load()));
  const stop = onChange(reload);
  return {
    element: h("div", heading.element, search.element, content), title: () => "Logs", ready: load(),
    update: (route) => { search.set(route.query.get("q") ?? ""); heading.draw(); load(); return true; },
    keys: [...listKeys(() => list.querySelectorAll(".log-row"), "line"), ["Enter", "Open or close the line", () => false],
      ["t", "Open the trace of the line", () => { document.activeElement?.closest(".log")?.querySelector(".log-trace")?.click(); }], ["o", "Show older lines", () => { if (next) load(true); }],
      ["e", "Only warnings and errors, or all", () => { const q = parse().query.get("q") ?? ""; change({ q: q.includes("severity>=warn") ? q.replace("severity>=warn", "").trim() : `${q} severity>=warn`.trim() }); }]],
    close: () => { stop(); volume.close(); },
  };
}

/** Which services and severities the lines have; each leads to a narrower search. */
function parts({ services = [], counts }, q) {
  const narrow = (term) => () => change({ q: `${/(^|\s)OR(\s|$)/.test(q) ? `(${q})` : q} ${term}`.trim() });
  const button = (name, count, term, kind = "") => h(`button.share${kind}`, { onclick: narrow(term) }, name, " ", h("b", compact(count)));
  const all = (levels, of) => levels.map((level) => [level, of.reduce((sum, count) => sum + count[level], 0)]).filter(([, count]) => count > 0);
  const sum = (count) => levels.reduce((sum, level) => sum + count[level], 0);
  return [
    all(levels, counts).map(([level, count]) => button(level, count, `severity=${level}`, `.level-${level}`)),
    services.length > 1 && services.slice(0, 12).map((one) => button(serviceName(one.service), sum(one.counts), `service:${quoted(one.service)}`)),
    services.length > 12 && h("span.soft", `and ${number(services.length - 12)} more services`),
  ];
}

/** The number of lines over time by severity; a range that is dragged over is selected. */
function volumeChart() {
  const svg = s("svg.chart.volume", { height, role: "img", "aria-label": "Log lines over time" });
  const element = h("div.chart-frame", svg);
  const edges = [0, 0];
  let data = null;
  let x = null;
  const stop = onWidth(element, draw);
  brush(svg, edges, [6, height - 20], (a, b) => select(x.invert(a), x.invert(b)));

  function draw(width = element.clientWidth) {
    if (!data || width < 60 || data.counts.length === 0) return;
    const [from, step] = [Number(data.start) / 1e9, Number(data.step) / 1e9];
    const sums = data.counts.map((count) => levels.reduce((sum, level) => sum + count[level], 0));
    const most = Math.max(...sums, 1);
    const left = 40;
    x = scale([from, from + step * data.counts.length], [left, width - 4]);
    const y = scale([0, most], [height - 20, 8]);
    [edges[0], edges[1]] = [left, width - 4];
    const wide = (width - 4 - left) / data.counts.length;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    put(svg, valueAxis(ticks(0, most, 2), y, left, width - 4, compact), timeAxis(x, from, from + step * data.counts.length, height, width / 110),
      data.counts.map((count, at) => {
        let below = 0;
        return levels.map((level) => {
          const value = count[level];
          if (value === 0) return null;
          const [top, base] = [y(below + value), y(below)];
          below += value;
          return s("rect", { class: `level-${level}`, x: left + at * wide + 0.5, width: Math.max(1, wide - 1.5), y: top, height: Math.max(1, base - top) }, s("title", `${number(value)} ${level}`));
        });
      }));
    const total = (level) => data.counts.reduce((sum, count) => sum + count[level], 0);
    svg.setAttribute("aria-label", `Log lines over time: ${levels.map((level) => `${number(total(level))} ${level}`).join(", ")}`);
  }

  return { element, set: (next) => { data = next; draw(); }, close: stop };
}
