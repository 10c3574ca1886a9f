// metrics.js of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let metricsJS = PageFile(
        path: "/assets/metrics.js", contentType: "text/javascript; charset=utf-8",
        entityTag: "9cc1783c8c1ac0ff",
        text: #"""
            import { get, now, path, span } from "./api.js";
            import { chart } from "./chart.js";
            import { h, icon, keyed, put } from "./dom.js";
            import { compact, integer, inUnit, line, number } from "./format.js";
            import { heatmap } from "./heatmap.js";
            import { listKeys } from "./keys.js";
            import { onChange } from "./live.js";
            import { busy, chip, empty, panel, problem, refresher } from "./parts.js";
            import { functions, isHistogram, isCounter, queries, readSeries, stepFor } from "./promql.js";
            import { rangeHead } from "./rangepicker.js";
            import { address, change, go, parse, select } from "./router.js";
            const maximumSeries = 40;
            const usual = "-15m";
            export function create({ signal, summary }) {
            let metrics = [];
            let metric = null;
            let drawn = "";
            const list = h("ul");
            const find = h("input", { type: "search", placeholder: "Find a metric", "aria-label": "Find a metric", "data-search": true, oninput: drawList, onkeydown: (event) => { if (event.key === "Enter") list.querySelector("a")?.click(); } });
            const main = h("div.metric-main", busy());
            const heading = rangeHead("Metrics", usual, summary.runs);
            const query = h("input", { type: "text", "aria-label": "PromQL", spellcheck: "false", autocomplete: "off" });
            const trouble = h("p.bad", { role: "alert" });
            const facts = h("div.notes");
            const controls = h("div.controls");
            const title = h("h2", { tabindex: "-1" });
            const lines = chart({ label: "Values over time", height: 260, select });
            const heat = heatmap("Measurements by time and bucket");
            const heatPanel = panel("All measurements", heat.element);
            const chartPanel = h("div.panel", h("div.panel-body", lines.element));
            const examples = h("div");
            const form = h("form.promql", { onsubmit: (event) => { event.preventDefault(); change({ q: query.value.trim() }); } }, h("label.find", h("span.faint", "PromQL"), query), h("button.button", "Run"));
            async function load() {
            try {
            metrics = (await get("/data/metrics", {}, signal)).metrics.sort((a, b) => (a.name < b.name ? -1 : 1));
            drawList();
            const { query: at } = parse();
            metric = metrics.find((one) => one.name === at.get("name")) ?? (at.get("q") && !at.get("name") ? null : metrics.find((one) => isHistogram(one) && Number(one.exemplars) > 0) ?? metrics.find(isHistogram) ?? metrics[0] ?? null);
            if (metrics.length === 0) return void put(main, empty("No metrics yet", "Programs send them when a reader is set up for them; with the services here, OTEL_METRICS_EXPORTER=otlp does that."));
            await draw();
            } catch (error) {
            if (metrics.length === 0) put(main, problem(error, load));
            }
            }
            function drawList() {
            const words = find.value.trim().toLowerCase().split(/\s+/);
            const shown = metrics.filter((one) => words.every((word) => `${one.name} ${one.description} ${one.services?.join(" ")}`.toLowerCase().includes(word)));
            keyed(list, shown.slice(0, 500).map((one) => ({ ...one, version: `${one.series}/${one === metric || one.name === metric?.name}` })), (one) => one.name, (one) => h("li", h("a", {
            href: address("metrics", [], { name: one.name, from: parse().query.get("from"), to: parse().query.get("to") }), "aria-current": one.name === metric?.name ? "true" : null,
            }, h("b", line(one.name, 160)), h("small", number(one.series)), h("small", kind(one)))));
            if (shown.length === 0 && metrics.length > 0) put(list, h("li.empty", "No metric of this name"));
            }
            const kind = (one) => (isCounter(one) ? "counter" : { sum: "up-down counter", exponentialHistogram: "exponential histogram" }[one.type] ?? one.type);
            async function draw() {
            const { query: at } = parse();
            const { from: start, to: end } = span(usual, at);
            const toNs = BigInt(end ?? now());
            const fromNs = BigInt(start ?? (summary.signals?.metrics?.oldest || toNs - 900000000000n));
            const step = stepFor(Number(toNs - fromNs) / 1e9);
            const [from, to] = [Math.floor(Number(fromNs) / 1e9 / step) * step, Math.ceil(Number(toNs) / 1e9 / step) * step];
            const by = at.get("by") ?? "";
            const choice = at.get("show") ?? "";
            const own = at.get("q") ?? "";
            const asked = own ? [{ name: "", query: own }] : metric ? queries(metric, choice, by, step) : [];
            if (document.activeElement !== query) query.value = own || asked[asked.length === 3 ? 2 : 0]?.query || "";
            drawHead(by, choice);
            if (main.firstChild !== title) put(main, title, facts, controls, form, trouble, chartPanel, heatPanel, examples);
            const isHistogramShown = metric && isHistogram(metric) && !own;
            const here = `${metric?.name}`;
            heatPanel.hidden = !isHistogramShown;
            drawn = here;
            const [answers, exemplars, heated] = await Promise.all([
            Promise.all(asked.map((one) => get("/api/v1/query_range", { query: one.query, start: from, end: to, step }, signal).catch((error) => ({ error })))),
            metric && Number(metric.exemplars) > 0 ? get(path("/data/metrics", metric.name, "exemplars"), { from: fromNs, to: toNs }, signal).catch(() => ({ exemplars: [] })) : { exemplars: [] },
            isHistogramShown ? get(path("/data/metrics", metric.name, "heatmap"), { from: fromNs, to: toNs, step: Math.max(step, Math.ceil((to - from) / 60)) }, signal).catch(() => null) : null,
            ]);
            if (drawn !== here) return;
            const failed = answers.find((answer) => answer.error);
            put(trouble, failed && line(typeof failed.error === "string" ? failed.error : failed.error.message, 400));
            const all = answers.flatMap((answer, index) => (answer.error ? [] : readSeries(answer, asked[index].name, from, to, step)));
            const dots = own ? [] : largest(exemplars.exemplars.filter((one) => one.traceId), fromNs, toNs).map((one) => ({ at: Number(one.time) / 1e9, value: one.value, href: address("trace", [one.traceId], { span: one.spanId }), title: `Exemplar ${write(one.value)}: open its trace` }));
            lines.set({ from, to, series: all.slice(0, maximumSeries), write, dots: isHistogramShown && choice !== "count" ? dots : [] });
            if (heated) heat.set(heated, write);
            if (!examples.contains(document.activeElement)) put(examples, all.length > maximumSeries && h("p.soft", `${maximumSeries} of ${number(all.length)} series are drawn.`), all.length === 0 && !failed && h("p.soft", "No values in this time."),
            dots.length > 0 && [h("h3.section-title", "Exemplars"), h("div.legend", [...dots].sort((a, b) => b.value - a.value).slice(0, 12).map((dot) => h("a.linked", { "data-exemplar": true, href: dot.href, "aria-label": dot.title }, write(dot.value))))]);
            }
            function drawHead(by, choice) {
            title.textContent = metric ? line(metric.name, 200) : "Query";
            put(facts, metric && [h("span", kind(metric)), metric.unit && h("span", line(metric.unit, 40)), h("span", `${number(metric.series)} series, ${compact(Number(metric.points))} points`), ...(metric.services ?? []).slice(0, 6).map((name) => chip(line(name, 60))), metric.temporality === "delta" && chip("delta"), metric.description && h("span.soft", line(metric.description, 300))]);
            if (controls.contains(document.activeElement)) return;
            const dropdown = (name, options, chosen, set) => h("select.select", { "aria-label": name, onchange: (event) => set(event.target.value) }, options.map(([value, says]) => h("option", { value, selected: value === chosen }, says)));
            const choices = metric ? functions(metric) : [];
            put(controls, metric && [dropdown("Show", choices, choice || choices[0][0], (value) => { controls.querySelector(":focus")?.blur(); change({ show: value, q: "" }); }),
            dropdown("Split by", [["", "Not split"], ...(metric.attributes ?? []).map((key) => [key, `by ${line(key, 60)}`])], by, (value) => { document.activeElement?.blur(); change({ by: value, q: "" }); })]);
            }
            function write(value) {
            const unit = metric?.unit ?? "";
            const isSpeed = metric && isCounter(metric) && !["increase", "total"].includes(parse().query.get("show"));
            if (parse().query.get("show") === "count") return `${compact(value)}/s`;
            return isSpeed ? inUnit(unit === "By" ? unit : "", value, "/s") : inUnit(metric && isCounter(metric) && unit !== "By" ? "" : unit, value);
            }
            const stop = onChange(refresher(load, 3000));
            return {
            element: h("div", heading.element, h("div.metrics", h("div.metric-list", h("label.find", icon("search"), find), list), main)),
            isFixed: true, title: () => (metric ? line(metric.name, 60) : "Metrics"), ready: load(),
            update: () => { heading.draw(); load(); return true; },
            keys: [...listKeys(() => list.querySelectorAll("a"), "metric"), ["x", "To the exemplars", () => examples.querySelector("a")?.focus()], ["q", "To the PromQL", () => query.focus()]],
            back: () => { if (parse().query.get("q")) go(address("metrics", [], { name: metric?.name })); else return false; },
            close: () => { stop(); lines.close(); heat.close(); },
            };
            }
            function largest(exemplars, from, to) {
            const slots = new Map();
            for (const one of exemplars) {
            const slot = ((integer(one.time) ?? 0n) - from) * 60n / (to - from || 1n);
            if (!slots.has(slot) || slots.get(slot).value < one.value) slots.set(slot, one);
            }
            return [...slots.values()];
            }

            """#)
}
