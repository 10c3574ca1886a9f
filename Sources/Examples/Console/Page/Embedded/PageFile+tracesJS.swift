// traces.js of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let tracesJS = PageFile(
        path: "/assets/traces.js", contentType: "text/javascript; charset=utf-8",
        entityTag: "6b8e896e622924e3",
        text: #"""
            import { get, now, span } from "./api.js";
            import { assign } from "./colors.js";
            import { h, keyed, put } from "./dom.js";
            import { ago, duration, integer, line, number, plural, timestamp } from "./format.js";
            import { filterBox } from "./filter.js";
            import { listKeys } from "./keys.js";
            import { onChange } from "./live.js";
            import { busy, chip, head, nothing, problem, refresher, serviceName } from "./parts.js";
            import { address, change, go, parse, select } from "./router.js";
            import { scatter } from "./scatter.js";
            const pageSize = 100;
            const maximumRows = 2000;
            const marked = new Map();
            export function create({ signal, summary, picker }) {
              let rows = [];
              let next = null;
              const search = filterBox({ signal: "traces", value: parse().query.get("q") ?? "", placeholder: "Search: error  duration>5ms  service:proxy  http.route=\"/albums/:id\"", search: (q) => change({ q }) });
              const plot = scatter({ select, href: (trace) => address("trace", [trace.traceId]) });
              const body = h("tbody");
              const notes = h("div", { class: "notes" });
              const content = h("div", {}, busy());
              const table = h("div", { class: "table-frame" }, h("table", { class: "traces", "aria-label": "Traces" },
                h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Trace"), h("th", { class: "wide", scope: "col" }, "Services"), h("th", { class: "end wide", scope: "col" }, "Spans"),
                  h("th", { class: "end", scope: "col" }, "Duration"), h("th", { class: "end", scope: "col" }, "Start"), h("th", { class: "wide", scope: "col" }, h("span", { class: "unseen" }, "Mark to compare")))), body));
              const more = h("div", { class: "more" });
              const tray = h("div", { class: "tray", hidden: true });
              const pickerPlace = h("div", {}, picker("all", summary.runs));
              const heading = head("Traces", "", pickerPlace);
              async function load(isOlder = false) {
                const query = parse().query;
                const q = query.get("q") ?? "";
                try {
                  const answer = await get("/data/traces", { q, ...span("", query), limit: pageSize, before: isOlder ? next : "" }, signal);
                  search.fail(null);
                  const fresh = answer.traces.map(prepared);
                  assign(fresh.flatMap((trace) => [trace.service, ...trace.services.map((service) => service.name)]));
                  rows = isOlder ? merged(rows, fresh).slice(0, maximumRows) : fresh;
                  next = answer.next;
                  draw(answer, q);
                } catch (error) {
                  if (error.name === "AbortError") return;
                  if (error.status === 400 && q) search.fail(error);
                  else if (rows.length === 0) put(content, problem(error, load));
                  if (error.status === 400 && rows.length === 0) put(content);
                }
              }
              const main = () => document.getElementById("main");
              function draw(answer, q) {
                put(notes, h("span", {}, `${plural(answer.matched, "trace", "traces")}${q ? " match" : ""}`),
                  answer.isPartial && chip(`Searched ${number(answer.scanned)} in the time allowed; there may be more`, "warn"),
                  Number(summary.signals?.traces?.evicted) > 0 && h("a", { href: "#/health", class: "linked" }, "Older ones have made room: see Health"));
                if (rows.length === 0) {
                  plot.set([]);
                  put(content, notes, nothing(q ? "No trace matches" : "No traces in this time"));
                  return;
                }
                if (table.parentNode !== content) put(content, plot.element, notes, table, more, tray);
                plot.set(rows);
                const lengths = rows.map((trace) => Math.log(Math.max(1000, Math.min(86400e9, trace.length))));
                const extent = [Math.min(...lengths) - 0.5, Math.max(...lengths)];
                keyed(body, rows, (trace) => trace.traceId, (trace) => row(trace, extent));
                drawTimes();
                put(more, next && rows.length < maximumRows && h("button", { class: "button", onclick: () => load(true) }, "Show older traces"),
                  rows.length >= maximumRows && h("span", { class: "soft" }, `The newest ${number(maximumRows)} are listed; narrow the search to see others.`));
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
                  h("td", {}, h("div", { class: "trace-name" }, serviceName(trace.service),
                    h("a", { class: "row-link cut", href, onfocus: () => plot.point(trace.traceId) }, line(trace.name || "unnamed", 120)),
                    trace.status === "error" && chip(`${number(trace.errors)} ${trace.errors === 1 ? "error" : "errors"}`, "error"),
                    trace.open > 0 && chip(`${number(trace.open)} open`, "accent", "Spans that have not ended yet"),
                    !trace.isComplete && trace.open === 0 && chip("incomplete", "warn", "Spans are missing"))),
                  h("td", { class: "wide" }, h("div", { class: "trace-services" }, trace.services.slice(0, 3).map((service) => serviceName(service.name, h("span", { class: `number ${service.errors ? "bad" : "faint"}` }, number(service.spans)))),
                    trace.services.length > 3 && h("span", { class: "faint" }, `+${trace.services.length - 3}`))),
                  h("td", { class: "end wide" }, number(trace.spans)),
                  h("td", { class: "end duration-cell" }, h("div", { class: `duration-bar ${trace.status}` }, h("i", { style: { "--share": `${share * 100}%` }, "aria-hidden": "true" }), h("span", {}, duration(trace.length)))),
                  h("td", { class: "end soft" }, h("time", { "data-ns": String(trace.ns), title: timestamp(trace.ns) }, ago(trace.ns, now()))),
                  h("td", { class: "wide end" }, h("input", {
                    type: "checkbox", class: "mark-box", tabindex: "-1", "aria-label": `Compare ${line(trace.name, 80)}`, checked: marked.has(trace.traceId),
                    onchange: () => mark(trace),
                  })));
              }
              function mark(trace) {
                if (!marked.delete(trace.traceId)) {
                  if (marked.size >= 2) marked.delete([...marked.keys()][0]);
                  marked.set(trace.traceId, trace);
                }
                for (const [key, element] of body.rowsByKey ?? []) {
                  element.classList.toggle("marked", marked.has(key));
                  element.querySelector("input").checked = marked.has(key);
                }
                drawTray();
              }
              function drawTray() {
                tray.hidden = marked.size === 0;
                const names = [...marked.values()].map((trace) => `${line(trace.name, 50)}, ${duration(trace.length)}`);
                put(tray, h("span", { class: "soft cut" }, names.join("  ·  "), marked.size === 1 && "  ·  mark another (x)"),
                  h("button", { class: "button", onclick: () => { marked.clear(); for (const element of body.rows) { element.classList.remove("marked"); element.querySelector("input").checked = false; } drawTray(); } }, "Clear"),
                  h("button", { class: "button main", disabled: marked.size < 2, onclick: compare }, "Compare"));
              }
              function compare() { if (marked.size === 2) go(address("compare", [...marked.keys()])); }
              const reload = refresher(() => (main().scrollTop > 200 ? undefined : load()));
              const timer = setInterval(drawTimes, 5000);
              const stop = onChange(reload);
              const links = () => body.querySelectorAll(".row-link");
              const focused = () => rows.find((trace) => body.rowsByKey?.get(trace.traceId)?.contains(document.activeElement));
              return {
                element: h("div", {}, heading, search.element, content),
                title: () => "Traces",
                ready: load(),
                update: (route) => {
                  search.set(route.query.get("q") ?? "");
                  put(pickerPlace, picker("all", summary.runs));
                  load();
                  return true;
                },
                keys: [
                  ...listKeys(links, "trace"),
                  { keys: "Enter", says: "Open the trace", run: () => false },
                  { keys: "x", says: "Mark to compare", run: () => { const trace = focused(); if (trace) mark(trace); } },
                  { keys: "c", says: "Compare the two marked", run: compare },
                  { keys: "e", says: "Only traces with an error, or all", run: () => { const q = parse().query.get("q") ?? ""; change({ q: /(^| )error( |$)/.test(q) ? q.replace(/(^| )error( |$)/, " ").trim() : `${q} error`.trim() }); } },
                  { keys: "o", says: "Show older traces", run: () => { if (next) load(true); } },
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

            """#)
}
