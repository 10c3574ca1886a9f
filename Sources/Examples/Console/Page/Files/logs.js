// Log lines, newest first, as they come; with search and their number over time.

import { get, now, span } from "./api.js";
import { bars } from "./bars.js";
import { assign } from "./colors.js";
import { h, keyed, put } from "./dom.js";
import { filterBox, quoted } from "./filter.js";
import { compact, number } from "./format.js";
import { listKeys } from "./keys.js";
import { onChange } from "./live.js";
import { beside, logPanels } from "./logpanels.js";
import { logRow, prepared } from "./loglines.js";
import { busy, csvAddress, csvLink, found, nothing, older, problem, refresher, segments, serviceName } from "./parts.js";
import { rangeHead } from "./rangepicker.js";
import { change, parse } from "./router.js";

const pageSize = 200;
const maximumRows = 3000;
const levels = ["trace", "debug", "info", "warn", "error", "fatal"];
const choices = [["", "Lines"], ["panels", "Panels"]];

export function create({ signal, summary }) {
  let rows = [];
  let next = null;
  const search = filterBox({ signal: "logs", value: parse().query.get("q") ?? "", placeholder: "Search: severity>=warn  service:proxy  \"a text\"  begin*  trace=…", search: (q) => change({ q }) });
  const csv = csvLink();
  const tabs = h("span");
  const heading = rangeHead("Logs", "all", summary.runs, tabs, csv);
  const panels = logPanels(signal);
  const isPanels = () => parse().query.get("show") === "panels";
  const list = h("ol.logs", { "aria-label": "Log lines" });
  const notes = h("div.notes");
  const more = h("div.more");
  const content = h("div", busy());
  const volume = bars({ label: "Log lines over time" });
  const shares = h("div.shares");
  let total = null;

  async function load(isOlder = false) {
    const query = parse().query;
    const q = query.get("q") ?? "";
    const range = span("", query);
    csv.setAttribute("href", csvAddress("/data/logs", { q, ...range, limit: 1000 }));
    put(tabs, segments("What is shown", choices, isPanels() ? "panels" : "", show));
    try {
      if (isPanels()) {
        await panels.load(q, bounds(range));
        search.fail(null);
        if (panels.element.parentNode !== content) put(content, panels.element);
        return;
      }
      const [answer, counts] = await Promise.all([get("/data/logs", { q, ...range, limit: pageSize, before: isOlder ? next : "" }, signal), isOlder ? null : readVolume(q, range)]);
      search.fail(null);
      assign(answer.logs.map((log) => log.service));
      const fresh = answer.logs.map((log) => ({ ...prepared(log), resources: answer.resources }));
      rows = (isOlder ? [...rows, ...fresh] : fresh).slice(0, maximumRows);
      next = answer.next;
      if (counts) { volume.set(stacked(counts)); put(shares, parts(counts, q)); }
      if (counts) total = counts.total;
      draw({ ...answer, matched: total ?? answer.matched }, q);
    } catch (error) {
      if (error.status === 400 && q) { search.fail(error); if (rows.length === 0) put(content); } else if (rows.length === 0) put(content, problem(error, load));
    }
  }

  /** The range of charts: from the oldest line, and of a minute at least, where none is chosen. */
  function bounds(range) {
    const to = range.to ?? String(now());
    const oldest = summary.signals?.logs?.oldest ?? summary.started;
    return { from: range.from ?? (oldest && BigInt(to) - BigInt(oldest) > 60000000000n ? oldest : String(BigInt(to) - 60000000000n)), to };
  }

  const readVolume = (q, range) => get("/data/logs/volume", { q, ...bounds(range), steps: 80 }, signal).catch(() => null);
  const show = (what) => change({ show: what, panels: what ? parse().query.get("panels") : "" });

  function draw(answer, q) {
    put(notes, found(answer, "line", q));
    if (rows.length === 0) return void put(content, volume.element, shares, nothing(q ? "No line matches" : "No log lines in this time"));
    if (list.parentNode !== content) put(content, volume.element, shares, notes, list, more);
    keyed(list, rows, (log) => log.id, (log) => logRow(log, log.resources));
    put(more, older("lines", next, rows, maximumRows, () => load(true)));
  }

  // Lines do not move away from a reader who has scrolled down.
  const reload = refresher(() => (document.querySelector("main").scrollTop > 200 ? undefined : load()));
  const stop = onChange(reload);
  return {
    element: h("div", heading.element, search.element, content), title: () => "Logs", ready: load(),
    update: (route) => { search.set(route.query.get("q") ?? ""); heading.draw(); load(); return true; },
    keys: [...listKeys(() => (isPanels() ? panels.rows() : list.querySelectorAll(".log-row")), "line"), ["v", "Lines or panels", () => show(isPanels() ? "" : "panels")], ["Enter", "Open or close the line", () => false],
      ["t", "Open the trace of the line", () => { document.activeElement?.closest(".log")?.querySelector(".log-trace")?.click(); }], ["o", "Show older lines", () => { if (next) load(true); }],
      ["e", "Only warnings and errors, or all", () => { const q = parse().query.get("q") ?? ""; change({ q: q.includes("severity>=warn") ? q.replace("severity>=warn", "").trim() : `${q} severity>=warn`.trim() }); }]],
    close: () => { stop(); volume.close(); panels.close(); },
  };
}

/** Which services and severities the lines have; each leads to a narrower search. */
function parts({ services = [], counts }, q) {
  const narrow = (term) => () => change({ q: beside(q, term) });
  const button = (name, count, term, kind = "") => h(`button.share${kind}`, { onclick: narrow(term) }, name, " ", h("b", compact(count)));
  const all = levels.map((level) => [level, counts.reduce((sum, count) => sum + count[level], 0)]).filter(([, count]) => count > 0);
  const sum = (count) => levels.reduce((sum, level) => sum + count[level], 0);
  return [
    all.map(([level, count]) => button(level, count, `severity=${level}`, `.level-${level}`)),
    services.length > 1 && services.slice(0, 12).map((one) => button(serviceName(one.service), sum(one.counts), `service:${quoted(one.service)}`)),
    services.length > 12 && h("span.soft", `and ${number(services.length - 12)} more services`),
  ];
}

/** Counts by severity as a chart has them. */
const stacked = ({ start, step, counts }) => ({ start, step, series: levels.map((level) => ({ name: level, className: `level-${level}`, counts: counts.map((count) => count[level]) })) });
