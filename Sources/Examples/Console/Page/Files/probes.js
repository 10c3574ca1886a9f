// Probes: what answers from outside, how often it did, and how much may still fail.

import { get } from "./api.js";
import { h, put } from "./dom.js";
import { ago, duration, line, number, percent, plural } from "./format.js";
import { listKeys } from "./keys.js";
import { onChange } from "./live.js";
import { busy, chip, empty, head, problem, refresher, table } from "./parts.js";
import { address } from "./router.js";

/** Shares near one need their digits: 99.95 %, 100 %. */
const share = (value) => (value === null ? "–" : `${Number((Math.floor(value * 1e5) / 1e3).toFixed(3))} %`);
const rate = (value) => (value === null || value === undefined ? "–" : `${Number(value.toPrecision(3))}×`);
/** As the alerts: a long window and a short one are both above. */
const burns = (rates) => rates && [["1h", "5m", 14.4, "error"], ["6h", "30m", 6, "error"], ["3d", "6h", 1, "warn"]].find(([long, short, most]) => rates[long] > most && rates[short] > most);

export function create({ signal }) {
  let data = null;
  const beside = h("span");
  const content = h("div", busy());

  async function load() {
    try {
      data = await get("/data/probes", {}, signal);
      draw();
    } catch (error) {
      if (!data) put(content, problem(error, load));
    }
  }

  function draw() {
    const targets = data.targets;
    const failing = targets.filter((one) => one.success === false).length;
    put(beside, targets.length > 0 && `${number(failing)} of ${plural(targets.length, "target")} failing`);
    if (targets.length === 0) return void put(content, empty("No probes", "PROBES names files with modules of blackbox_exporter and the targets that they probe."));
    const order = (one) => (one.success === false ? 0 : burns(one.burnRates) ? 1 : 2);
    const sorted = [...targets].sort((a, b) => order(a) - order(b) || (a.job + a.target < b.job + b.target ? -1 : 1));
    put(content, table("Probes", [["Target"], ["Now"], ["Last day", "wide"], ["1 h", "end wide"], ["24 h", "end"], ["30 d", "end wide"], ["Budget", "end"], ["Burns", "end wide"]], sorted.map(row)));
  }

  const time = () => BigInt(data.now) * 1000000n;

  function row(one) {
    const burning = burns(one.burnRates);
    const expires = one.certificateExpiry === null ? null : (one.certificateExpiry * 1000 - data.now) / 86400000;
    const query = `probe_success{instance=${JSON.stringify(one.target)}, module=${JSON.stringify(one.module)}}`;
    return h("tr",
      h("td", h("a.row-link", { href: one.traceId ? address("trace", [one.traceId]) : address("metrics", [], { q: query }) }, h("b.breaks", line(one.target, 120))),
        h("div.notes", h("span", line(one.module, 60)), h("a.linked", { href: address("metrics", [], { q: query }) }, line(one.job, 60)), Object.entries(one.labels).map(([name, value]) => chip(`${line(name, 40)}=${line(value, 60)}`)),
          expires !== null && (expires < 14 ? chip(expires < 0 ? "certificate has expired" : `certificate: ${plural(Math.floor(expires), "day")}`, "error") : h("span", `certificate: ${plural(Math.floor(expires), "day")}`))),
        one.problem && h("div.bad", line(one.problem, 300))),
      h("td", one.success === null ? chip("waiting") : one.success ? chip("up", "good") : chip("down", "error"), h("div.faint.wide", one.success === null ? "" : [duration(one.duration * 1e9), one.since !== null && !one.success && `, ${ago(BigInt(one.since) * 1000000n, time())}`])),
      h("td.wide", hours(one.hours)),
      h("td.end.wide", share(one.availability["1h"])), h("td.end", share(one.availability["24h"])), h("td.end.wide", share(one.availability["30d"])),
      h("td.end", one.objective === null ? h("span.faint", "–") : [h("span", { class: one.budgetRemaining < 0 ? "bad" : "" }, one.budgetRemaining === null ? "–" : one.budgetRemaining < 0 ? "used up" : percent(one.budgetRemaining)), h("div.faint.wide", `of ${percent(1 - one.objective)}`)]),
      h("td.end.wide", one.burnRates ? (burning ? chip(`${rate(one.burnRates[burning[0]])} in ${burning[0]}`, burning[3]) : [rate(one.burnRates["1h"]), h("div.faint", "in 1h")]) : h("span.faint", "–")));
  }

  /** The last 24 hours as bars, for those who see them; the availability beside them says it in numbers. */
  function hours(all) {
    const kind = (value) => (value === null ? "none" : value === 1 ? "full" : value >= 0.99 ? "most" : "less");
    return h("span.hours", { "aria-hidden": "true" }, all.map((value, index) => h(`i.${kind(value)}`, { title: `${23 - index} h ago: ${share(value)}` })));
  }

  const reload = refresher(load, 2000);
  const stop = onChange(reload);
  const timer = setInterval(reload, 5000);
  return {
    element: h("div", head("Probes", beside), content), title: () => "Probes", ready: load(), update: () => true,
    keys: listKeys(() => content.querySelectorAll(".row-link"), "target"), close: () => { stop(); clearInterval(timer); },
  };
}
