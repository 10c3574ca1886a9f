// Two traces side by side: what one has and the other has not, and where the time differs.

import { get, path } from "./api.js";
import { assign, colorClass } from "./colors.js";
import { h, put } from "./dom.js";
import { clock, duration, line, number, plural, signed } from "./format.js";
import { listKeys } from "./keys.js";
import { busy, chip, empty, head, problem, segments, serviceName, table } from "./parts.js";
import { address, go } from "./router.js";
import { buildTrace, compareTraces } from "./tracemodel.js";

const maximumRows = 2000;
const orders = [["tree", "As a tree"], ["change", "Largest change first"]];

export function create({ route, signal }) {
  const ids = route.parts.slice(0, 2);
  const content = h("div", busy());
  const swap = () => go(address("compare", [...ids].reverse()));
  const element = h("div", head("Compare two traces", "", h("button.button", { onclick: swap }, "Swap")), content);
  let traces = [];
  let rows = [];
  let order = "tree";

  async function load() {
    if (ids.length < 2) return void put(content, empty("Two traces are compared", "Mark them in the list of traces with x, then press c."));
    try {
      const found = await Promise.all(ids.map((id) => get(path("/data/traces", id), {}, signal)));
      for (const data of found) assign(data.resources.map((resource) => resource.service));
      traces = found.map(buildTrace);
      rows = compareTraces(traces[0], traces[1]);
      draw();
    } catch (error) {
      put(content, problem(error.status === 404 ? new Error("One of the two traces is not kept any more.") : error));
    }
  }

  function draw() {
    const scale = Math.max(traces[0].length, traces[1].length);
    const shown = order === "tree" ? rows : [...rows].sort((x, y) => Math.abs(change(y)) - Math.abs(change(x)));
    put(content,
      h("div.compare-heads", traces.map((trace, index) => card(trace, ids[index], index))),
      h("div.notes", segments("Order", orders, order, (value) => { order = value; draw(); }),
        h("span", `${plural(rows.filter((row) => !row.b).length, "operation is", "operations are")} only in A, ${number(rows.filter((row) => !row.a).length)} only in B`)),
      table("Operations of both traces", [["Operation"], ["A", "end"], ["B", "end"], ["Change", "end"], ["When", "wide"]], shown.slice(0, maximumRows).map((row) => line_(row, scale)), ".compare"),
      rows.length > maximumRows && h("p.more.soft", `${number(rows.length - maximumRows)} more are not drawn.`));
  }

  const change = (row) => (row.b?.longest ? length(row.b) : 0) - (row.a?.longest ? length(row.a) : 0);
  const length = (node) => node.longest.end - node.longest.start;

  function card(trace, id, index) {
    const root = trace.roots[0];
    const errors = trace.spans.filter((span) => span.isError).length;
    return h("div", { class: `panel side-${"ab"[index]}` }, h("div.trace-name", chip("AB"[index]), root && serviceName(root.service), h("a.row-link.cut", { href: address("trace", [id]) }, line(root?.name ?? id, 100))),
      h("div.trace-facts", h("b", duration(trace.length)), plural(trace.spans.length, "span"), errors > 0 && chip(plural(errors, "error"), "error"), h("span.faint", clock(trace.zero))));
  }

  function line_(row, scale) {
    const by = change(row);
    const share = row.a && row.b && length(row.a) > 0 ? by / length(row.a) : null;
    const isNotable = share !== null && Math.abs(share) > 0.1 && Math.abs(by) > 50e3;
    const bar = (node, side) => node && h("i", { class: side, style: { left: `${(node.longest.start / scale) * 100}%`, width: `${(length(node) / scale) * 100}%` } });
    const cell = (node) => h("td.end", node ? duration(length(node)) : h("span.faint", "–"), node?.count > 1 && h("span.faint", ` ×${number(node.count)}`));
    const either = (row.b ?? row.a).longest;
    return h("tr", { class: !row.b ? "only-a side-a" : !row.a ? "only-b side-b" : null },
      h("td", h("div", { class: `compare-name ${colorClass(row.service)}`, style: { "padding-left": order === "tree" ? `${Math.min(row.depth, 16) * 14}px` : "0" } }, h("i.span-color"),
        h("a.row-link.cut", { href: address("trace", [row.b ? ids[1] : ids[0]], { span: either.id }) }, line(row.name || "unnamed", 120)), h("span.span-service", line(row.service, 60)),
        row.a && !row.a.errors && row.b?.errors > 0 && chip("new error", "error"), row.a?.errors > 0 && row.b && !row.b.errors && chip("error gone"), !row.b && chip("only in A"), !row.a && chip("only in B"))),
      cell(row.a), cell(row.b),
      h("td", { class: `end ${isNotable ? (by > 0 ? "slower" : "faster") : "soft"}` }, share === null ? "" : signed(by), share !== null && h("span.wide", share > 9.99 ? ` (×${number(Math.round(share + 1))})` : ` (${by < 0 ? "−" : "+"}${Math.abs(share * 100).toFixed(0)} %)`)),
      h("td.wide", h("div.pair-bars", { "aria-hidden": "true" }, bar(row.a, "side-a"), bar(row.b, "side-b"))));
  }

  return {
    element, title: () => "Compare two traces", ready: load(),
    back: () => history.back(),
    keys: [...listKeys(() => content.querySelectorAll("tbody .row-link"), "operation"), ["s", "Swap the two", swap]],
  };
}
