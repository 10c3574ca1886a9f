// promql.js of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let promqlJS = PageFile(
        path: "/assets/promql.js", contentType: "text/javascript; charset=utf-8",
        entityTag: "37c1e94d7f9d003c",
        text: #"""
            export const label = (key) => key.replace(/[^a-zA-Z0-9_]/g, "_").replace(/^(?=\d)/, "_");
            const percentiles = [0.5, 0.9, 0.99];
            export const isHistogram = (metric) => metric.type === "histogram" || metric.type === "exponentialHistogram";
            export const isCounter = (metric) => metric.type === "sum" && metric.isMonotonic;
            export function functions(metric) {
            if (isHistogram(metric)) return [["percentiles", "Percentiles"], ["p50", "p50"], ["p99", "p99"], ["mean", "Mean"], ["count", "Count per second"]];
            if (isCounter(metric)) return [["rate", "Per second"], ["increase", "Per step"], ["total", "Total"]];
            return [...(metric.type === "sum" ? [["sum", "Sum"], ["avg", "Average"]] : [["avg", "Average"], ["sum", "Sum"]]), ["max", "Largest"], ["min", "Smallest"]];
            }
            export function queries(metric, chosen, by, step) {
            const name = metric.promName;
            const window = `${Math.max(60, Math.ceil(step * 4))}s`;
            const labels = by ? [label(by)] : [];
            const group = (...more) => (labels.length + more.length ? ` by (${[...more, ...labels].join(", ")})` : "");
            const rate = (suffix = "") => `rate(${name}${suffix}[${window}])`;
            if (isHistogram(metric)) {
            const isExplicit = metric.type === "histogram";
            const at = (share) => `histogram_quantile(${share}, sum${isExplicit ? group("le") : group()} (${rate(isExplicit ? "_bucket" : "")}))`;
            const sum = (part) => (isExplicit ? `sum${group()} (${rate(`_${part}`)})` : `sum${group()} (histogram_${part}(${rate()}))`);
            if (chosen === "mean") return [{ name: "", query: `${sum("sum")} / ${sum("count")}` }];
            if (chosen === "count") return [{ name: "", query: sum("count") }];
            if (chosen === "p50" || chosen === "p99") return [{ name: "", query: at(chosen === "p50" ? 0.5 : 0.99) }];
            return percentiles.map((share) => ({ name: `p${share * 100}`, query: at(share) }));
            }
            if (isCounter(metric)) {
            const of = { increase: `increase(${name}[${Math.max(60, Math.ceil(step))}s])`, total: name }[chosen] ?? rate();
            return [{ name: "", query: `sum${group()} (${of})` }];
            }
            return [{ name: "", query: `${["sum", "max", "min", "avg"].includes(chosen) ? chosen : "avg"}${group()} (${name})` }];
            }
            export function stepFor(seconds) {
            const least = seconds / 240;
            return [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400].find((step) => step >= least) ?? Math.ceil(least);
            }
            export function readSeries(answer, prefix, from, to, step) {
            return (answer.data?.result ?? []).map((result) => {
            const values = new Map((result.values ?? []).map(([at, value]) => [Math.round(at / step), Number(value)]));
            const points = [];
            for (let at = Math.round(from / step); at <= Math.round(to / step); at += 1) points.push([at * step, values.get(at) ?? NaN]);
            const named = Object.entries(result.metric ?? {}).filter(([key]) => key !== "__name__");
            const labels = named.map(([key, value]) => (named.length === 1 ? value : `${key}=${value}`));
            return { name: [prefix, ...labels].filter(Boolean).join(" ") || "all", points };
            });
            }

            """#)
}
