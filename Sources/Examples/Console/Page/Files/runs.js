// Two runs of the store side by side: operations, log lines and metrics that are new, gone, or not what they were.

import { get } from "./api.js";
import { assign, colorClass } from "./colors.js";
import { h, put } from "./dom.js";
import { quoted } from "./filter.js";
import { clock, compact, duration, inUnit, kinds, line, number, perSecond, percent, plural, signed } from "./format.js";
import { listKeys } from "./keys.js";
import { busy, chip, csvAddress, csvLink, empty, head, percentileColumns, problem, segments, serviceName, table } from "./parts.js";
import { address, change, go, parse } from "./router.js";

const parts = [["", "Operations", "o"], ["logs", "Log lines", "l"], ["metrics", "Metrics", "m"]];
const verdicts = [["worse", "Worse", "w"], ["better", "Better", "b"], ["new", "New", "n"], ["gone", "Gone", "d"]];
const levels = ["trace", "debug", "info", "warn", "error", "fatal"];
const maximumRows = 1000;
/** What fewer of are no ground for a verdict. */
const enough = 10;
const ns = (figures, name) => Number(figures[name]);

export function create({ route, signal, summary }) {
  const runs = summary.runs ?? [];
  const [first, second] = [route.parts[0] ?? runs.at(-2)?.id, route.parts[1] ?? runs.at(-1)?.id];
  const content = h("div", busy());
  const open = (a, b) => go(address("runs", [a, b], { part: parse().query.get("part") }));
  const choice = (label, chosen, choose) => h("select.select", { "aria-label": label, onchange: (event) => choose(event.target.value) },
    runs.map((run) => h("option", { value: run.id, selected: run.id === chosen }, `${clock(BigInt(run.start)).replace(/\.\d+$/, "")}${run.end ? "" : ", this run"}`)));
  const swap = () => open(second, first);
  let data = null;

  async function load() {
    if (runs.length < 2) return void put(content, empty("The store has a single run", "With STORE=file the console keeps the last ten runs, so that two can be compared."));
    try {
      data = await get("/data/runs", { a: first, b: second }, signal);
      assign(data.operations.map((row) => row.service));
      draw();
    } catch (error) {
      put(content, problem(error, load));
    }
  }

  function draw() {
    const { query } = parse();
    const part = query.get("part") ?? "";
    const rows = { "": data.operations.map(operation), logs: data.logs.map(records), metrics: data.metrics.map(metric) }[part] ?? [];
    rows.sort((x, y) => y.weight - x.weight);
    const filters = [["", "All"], ...verdicts].map(([value, says, key]) => [value, `${says} ${number(rows.filter((row) => !value || row.verdict === value).length)}`, key]);
    const show = query.get("show") ?? "";
    const shown = rows.filter((row) => !show || row.verdict === show);
    const used = levels.filter((level) => data.logs.some((row) => row.a?.[level] || row.b?.[level]));
    const [label, columns] = {
      "": ["Operations of both runs", [["Operation"], ["Calls", "end wide"], ["Rate", "end"], ["Errors", "end"], ...percentileColumns]],
      logs: ["Log lines of both runs", [["Service"], ...used.map((level) => [level, "end"])]],
      metrics: ["Metrics of both runs", [["Metric"], ["Series", "end wide"], ["Value", "end"], ...percentileColumns]],
    }[part] ?? ["", []];
    put(content,
      h("div.compare-heads", card("a", 0), card("b", 1)),
      h("div.controls", segments("Part", parts, part, (value) => change({ part: value, show: "" })), segments("Show", filters.filter(([value]) => part !== "metrics" || !["worse", "better"].includes(value)), show, (value) => change({ show: value })),
        part === "" && csvLink(csvAddress("/data/runs", { a: first, b: second })), data.isPartial && chip("Not all was read in the time allowed", "warn")),
      shown.length === 0 ? empty(rows.length === 0 ? "Neither run has any" : "None of these") : table(label, columns, shown.slice(0, maximumRows).map((row) => row.make(used)), ".compare"),
      shown.length > maximumRows && h("p.more.soft", `${number(shown.length - maximumRows)} more are not drawn.`));
  }

  function card(key, index) {
    const run = data[key];
    return h("div", { class: `panel side-${key}` }, h("div.trace-name", chip("AB"[index]), h("a.row-link.cut", { href: address("traces", [], { q: `run=${run.id}` }) }, clock(BigInt(run.start)))),
      h("div.trace-facts", h("b", duration(run.seconds * 1e9)), h("span", plural(run.spans, "span")), h("span", plural(run.logs, "log line"))));
  }

  /** What differs: new, gone, worse, better, or nothing worth a word; with a weight by which rows are sorted. */
  function judged(row, changes, make) {
    if (!row.a || !row.b) return { verdict: row.a ? "gone" : "new", weight: 1e6, make };
    const most = changes.reduce((x, y) => (Math.abs(y) > Math.abs(x) ? y : x), 0);
    return { verdict: Math.abs(most) < 0.1 ? "" : most > 0 ? "worse" : "better", weight: Math.abs(most), make };
  }

  /** How much more the second is, as a share; differences below a least one do not count. */
  const growth = (a, b, least = 0) => (Math.abs(b - a) <= least || !Number.isFinite(b - a) ? 0 : a > 0 ? b / a - 1 : 1000);

  const was = (text, by = 0) => h("div", { class: `delta ${by === 0 ? "faint" : by > 0 ? "slower" : "faster"}` }, text);

  /** A cell with the figure of B and how it differs from that of A; `hasVerdict` colors what is worse and better. */
  function cell(row, of, write, side, hasVerdict = false, least = 0) {
    const [a, b] = [row.a && of(row.a), row.b && of(row.b)];
    const by = b - a;
    const isSame = Math.abs(growth(a, b, least)) < 0.1;
    return h("td", { class: side }, write(b ?? a), row.a && row.b && Number.isFinite(by) && was(isSame ? "as before" : signed(by, write), isSame || !hasVerdict ? 0 : by));
  }

  const line_ = (row, name, cells) => h("tr", { class: !row.b ? "only-a side-a" : !row.a ? "only-b side-b" : null }, h("td", h("div.compare-name", name, !row.b && chip("gone"), !row.a && chip("new"))), cells);

  function operation(row) {
    const q = `run=${row.b ? second : first} service=${quoted(row.service)} name=${quoted(row.name)}${kinds[row.kind] ? ` kind=${kinds[row.kind]}` : ""}`;
    const isJudged = Math.min(row.a?.calls ?? 0, row.b?.calls ?? 0) >= enough;
    const changes = isJudged ? [...["p95", "p50"].map((name) => growth(ns(row.a, name), ns(row.b, name), 50e3)), 10 * (row.b.errorRate - row.a.errorRate)] : [];
    return judged(row, changes, () => line_(row,
      [h("i", { class: `span-color ${colorClass(row.service)}` }), h("a.row-link.cut", { href: address("traces", [], { q }) }, line(row.name || "unnamed", 120)), h("span.span-service", `${line(row.service, 60)}${row.kind === 1 ? "" : ` ${kinds[row.kind] ?? ""}`}`)],
      [h("td.end.wide", compact((row.b ?? row.a).calls), row.a && row.b && was(`was ${compact(row.a.calls)}`)), cell(row, (one) => one.rate, perSecond, "end"), cell(row, (one) => one.errorRate, percent, "end", isJudged, 0.001),
        percentileColumns.map(([name, side]) => cell(row, (one) => ns(one, name), duration, side, isJudged, 50e3))]));
  }

  /** Records are counted; whether they have become more is a question of their rate, since runs differ in length. */
  function records(row) {
    const of = (level) => (Math.max(row.a?.[level] ?? 0, row.b?.[level] ?? 0) < enough ? 0 : Math.min(10, growth(row.a[level] / data.a.seconds, row.b[level] / data.b.seconds)));
    const bad = levels.slice(3);
    const changes = row.a && row.b ? Object.fromEntries(bad.map((level) => [level, of(level)])) : {};
    return judged(row, Object.values(changes), (used) => line_(row, serviceName(row.service), used.map((level) => h("td.end",
      h("a", { href: address("logs", [], { q: `run=${row.b ? second : first} service=${quoted(row.service)} severity=${level}` }) }, number((row.b ?? row.a)[level])),
      row.a && row.b && was(`was ${number(row.a[level])}`, Math.abs(changes[level] ?? 0) < 0.1 ? 0 : changes[level])))));
  }

  function metric(row) {
    const write = (unit, per) => (value) => (Number.isFinite(value) ? inUnit(unit, value, per) : "–");
    const isRate = row.measure === "rate";
    return judged(row, [], () => line_(row,
      [h("a.row-link.cut", { href: address("metrics", [], { name: row.name, ...window_(row.b ? "b" : "a") }) }, line(row.name, 120)), h("span.span-service", { rate: "per second", average: "average", sum: "sum" }[row.measure])],
      [cell(row, (one) => one.series, number, "end wide"), cell(row, (one) => one.value ?? NaN, write(isRate && row.unit !== "By" ? "" : row.unit, isRate ? "/s" : ""), "end"),
        percentileColumns.map(([name, side]) => (name in (row.b ?? row.a) ? cell(row, (one) => one[name] ?? NaN, write(row.unit, ""), side) : h("td", { class: side })))]));
  }

  const window_ = (key) => ({ from: data[key].start, to: runs.find((run) => run.id === data[key].id)?.end });

  return {
    element: h("div", head("Compare runs", "", choice("Run A", first, (id) => open(id, second)), h("span.soft", "with"), choice("Run B", second, (id) => open(first, id)), h("button.button", { onclick: swap }, "Swap")), content),
    title: () => "Compare runs", ready: load(),
    update: (next) => {
      if (!data || (next.parts[0] ?? first) !== first || (next.parts[1] ?? second) !== second) return false;
      draw();
      return true;
    },
    keys: [...listKeys(() => content.querySelectorAll("tbody .row-link, tbody td:nth-child(2) a"), "line"), ...parts.map(([value, says, key]) => [key, says, () => change({ part: value, show: "" })]),
      ["s", "Swap the two", swap], ...verdicts.map(([value, says, key]) => [key, `${says}, or all`, () => change({ show: parse().query.get("show") === value ? "" : value })])],
    back: () => history.back(),
  };
}
