// health.js of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let healthJS = PageFile(
        path: "/assets/health.js", contentType: "text/javascript; charset=utf-8",
        entityTag: "74aba81d49783851",
        text: #"""
            import { get, noteTime } from "./api.js";
            import { h, put } from "./dom.js";
            import { ago, bytes, compact, integer, line, moment, number } from "./format.js";
            import { onChange } from "./live.js";
            import { busy, chip, head, panel, problem, refresher, table } from "./parts.js";
            import { address } from "./router.js";
            const names = [["traces", "Traces", "spans"], ["metrics", "Metrics", "points"], ["logs", "Logs", "records"]];
            export function create({ signal }) {
            const content = h("div", busy());
            async function load() {
            try {
            const [summary, own] = await Promise.all([get("/data/summary", {}, signal), get("/data/metrics", { q: "otel.sdk" }, signal).catch(() => ({ metrics: [] }))]);
            noteTime(summary.now);
            const values = await Promise.all(own.metrics.slice(0, 20).map((metric) => valueOf(metric)));
            draw(summary, own.metrics.slice(0, 20), values);
            } catch (error) {
            if (!content.querySelector(".cards")) put(content, problem(error, load));
            }
            }
            async function valueOf(metric) {
            const isHistogram = metric.type.toLowerCase().includes("histogram");
            const query = isHistogram ? (metric.type === "histogram" ? `sum(${metric.promName}_count)` : `sum(histogram_count(${metric.promName}))`) : `sum(${metric.promName})`;
            const answer = await get("/api/v1/query", { query }, signal).catch(() => null);
            const value = answer?.data?.result?.[0]?.value?.[1];
            return value === undefined ? "–" : `${compact(Number(value))}${isHistogram ? " measured" : ""}`;
            }
            function draw(summary, metrics, values) {
            const time = BigInt(summary.now);
            const started = BigInt(summary.started);
            put(content,
            h("div.cards", names.map(([key, title, unit]) => card(title, unit, summary.signals[key] ?? {}, time))),
            h("div.cards",
            panel("Process", h("dl.figures", row("Version", line(summary.version, 60)), row("Started", ago(started, time)), row("Memory", bytes(summary.memoryBytes)), row("Services seen", number((summary.services ?? []).length)), receivers(summary.receivers ?? {}))),
            panel("Forwarding", forward(summary.forward ?? [])),
            summary.logStore && panel("Logs that last", logStore(summary.logStore, time)),
            panel("Runs", h("dl.figures", (summary.runs ?? []).slice(-12).reverse().map((run) => {
            const start = BigInt(run.start);
            return [h("dt", h("a.linked", { href: address("traces", [], { from: run.start, to: run.end }) }, moment(start))), h("dd", run.end ? `ended ${ago(BigInt(run.end), time)}` : "this one")];
            })), (summary.runs ?? []).length > 1 && h("a.button", { href: "#/runs" }, "Compare runs"))),
            metrics.length > 0 && [h("h2.section-title", "What the SDKs say of themselves"), table("Metrics of the SDKs", [["Metric"], ["Now", "end"], ["Description", "wide"]], metrics.map((metric, index) => h("tr",
            h("td", h("a.row-link", { href: address("metrics", [], { name: metric.name }) }, line(metric.name, 120))), h("td.end", values[index], " ", h("span.faint", line(metric.unit ?? "", 20))), h("td.soft.wide", line(metric.description ?? "", 160)))))]);
            }
            const stop = onChange(refresher(load));
            const timer = setInterval(load, 10000);
            return { element: h("div", head("Health"), content), title: () => "Health", ready: load(), close: () => { stop(); clearInterval(timer); } };
            }
            const row = (name, ...value) => [h("dt", name), h("dd", value)];
            function card(title, unit, signal, time) {
            const [kept, most] = [Number(signal.keptBytes ?? 0), Number(signal.maximumBytes ?? 0)];
            const rejected = Object.entries(signal.rejected ?? {}).filter(([, count]) => Number(count) > 0);
            const share = most ? kept / most : 0;
            return panel(title,
            h("div", h("span.big", number(signal.received ?? "0")), h("span.soft", ` ${unit} received`)),
            h("div.meter", { role: "meter", "aria-label": `Memory of ${title.toLowerCase()}`, "aria-valuemin": 0, "aria-valuemax": most, "aria-valuenow": kept }, h("i", { style: { width: `${Math.min(100, share * 100)}%` } })),
            h("p.faint", `${bytes(kept)} of ${bytes(most)}`),
            h("dl.figures", row("Kept", number(signal.kept ?? "0")), row("Evicted for newer ones", number(signal.evicted ?? "0")), signal.oldest && row("Oldest", ago(integer(signal.oldest) ?? time, time)),
            rejected.length === 0 ? row("Rejected", "0") : rejected.map(([reason, count]) => row(chip(`rejected: ${line(reason, 60)}`, "error"), number(count)))));
            }
            function receivers(all) {
            return [["http", "HTTP"], ["grpc", "gRPC"]].filter(([key]) => all[key]).map(([key, title]) => row(`Requests over ${title}`,
            all[key].problem ? h("span.soft", line(all[key].problem, 200)) : [number(all[key].taken), Number(all[key].refused) > 0 && h("span.soft", ` and ${line(all[key].refused, 20)} refused`)]));
            }
            function logStore(store, time) {
            return h("dl.figures", row("Kept", `${number(store.kept)} records`), row("File", bytes(store.keptBytes)), store.oldest && row("Oldest", ago(integer(store.oldest) ?? time, time)),
            row("Written", number(store.stored)), row("Waiting", number(store.waiting)), row("Dropped", number(store.dropped)), store.lastFailure && row(chip("failed", "error"), line(store.lastFailure, 200)));
            }
            function forward(targets) {
            if (targets.length === 0) return h("p.soft", "Nothing is passed on. FORWARD_TO names receivers that get all that comes here.");
            return targets.slice(0, 20).map((target) => h("dl.figures", Object.entries(target).map(([key, value]) => row(line(key.replace(/([A-Z])/g, " $1").toLowerCase(), 40), line(typeof value === "object" ? JSON.stringify(value) : value, 200)))));
            }

            """#)
}
