// services.js of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let servicesJS = PageFile(
        path: "/assets/services.js", contentType: "text/javascript; charset=utf-8",
        entityTag: "de38d450fe3aafc2",
        text: #"""
            import { get, now, span } from "./api.js";
            import { chart, spark } from "./chart.js";
            import { assign, colorClass } from "./colors.js";
            import { focused, h, put } from "./dom.js";
            import { quoted } from "./filter.js";
            import { duration, line, number, percent, perSecond } from "./format.js";
            import { listKeys } from "./keys.js";
            import { onChange } from "./live.js";
            import { busy, errorCell, nothing, panel, percentileColumns, percentiles, problem, refresher, serviceName, table } from "./parts.js";
            import { rangeHead } from "./rangepicker.js";
            import { address, go, parse, range, select } from "./router.js";
            const steps = 30;
            const columns = [["name", "Service", ""], ["rate", "Requests", "end"], ["errorRate", "Errors", "end"], ...percentileColumns.map(([name, side]) => [name, name, side])];
            export function create({ signal, summary }) {
            let services = [];
            let past = null;
            let order = ["rate", -1];
            const body = h("tbody");
            const headings = h("tr");
            const heading = rangeHead("Services", "-15m", summary.runs, [h("a.button", { href: address("conventions") }, "Conventions"), summary.runs?.length > 1 && h("a.button", { href: address("runs") }, "Compare runs")]);
            const content = h("div", busy());
            const list = h("div.table-frame", h("table", { "aria-label": "Services" }, h("thead", headings), body));
            const detail = h("div");
            let charts = [];
            async function load() {
            try {
            const { from = summary.signals?.traces?.oldest ?? now() - 900000000000n, to } = span("-15m");
            const answer = await get("/data/services", { from, to, steps }, signal);
            services = answer.services;
            assign(services.map((service) => service.name));
            past = { from: Number(answer.start) / 1e9, step: Number(answer.step) / 1e9 };
            draw();
            } catch (error) {
            if (services.length === 0) put(content, problem(error, load));
            }
            }
            function draw() {
            if (services.length === 0) return void put(content, nothing("No service has answered a request in this time", { from: "all", to: "" }));
            if (list.parentNode !== content) put(content, list, detail);
            put(headings, columns.map(([key, title, kind]) => h("th", { scope: "col", class: kind, "aria-sort": order[0] === key ? (order[1] > 0 ? "ascending" : "descending") : null },
            h("button.sort", { "aria-pressed": String(order[0] === key), onclick: () => { order = [key, order[0] === key ? -order[1] : key === "name" ? 1 : -1]; draw(); } }, title, order[0] === key && (order[1] > 0 ? " ↑" : " ↓")))),
            ["Rate", "p95", h("span.unseen", "Traces")].map((title) => h("th.wide", { scope: "col" }, title)));
            const [key, direction] = order;
            const sorted = [...services].sort((a, b) => (key === "name" ? a.name.localeCompare(b.name) : Number(a[key]) - Number(b[key])) * direction);
            const refocus = focused(body, "service");
            const chosen = parse().query.get("name") ?? sorted[0].name;
            put(body, sorted.map((service) => h("tr", { class: service.name === chosen ? "marked" : null },
            h("td", h("a.row-link", { "data-service": service.name, href: address("services", [], { ...range(), name: service.name }) }, serviceName(service.name))),
            h("td.end", perSecond(service.rate)), errorCell(service.errorRate), percentiles(service.rate > 0 ? service : {}),
            h("td", { class: `wide ${colorClass(service.name)}` }, sparkOf(service, "rate")), h("td", { class: `wide ${colorClass(service.name)}` }, sparkOf(service, "p95")),
            h("td.end.wide", h("a.linked", { "aria-label": `Traces of ${line(service.name, 60)}`, href: address("traces", [], { ...range(), q: `service=${quoted(service.name)}` }) }, "Traces")))));
            refocus();
            drawDetail(services.find((service) => service.name === chosen));
            }
            const points = (service, field) => (service.history ?? []).map((part, at) => [past.from + (at + 0.5) * past.step, part ? Number(part[field]) : field === "rate" ? 0 : NaN]);
            const sparkOf = (service, field) => spark(points(service, field).map(([, value]) => value));
            function drawDetail(service) {
            if (!service) return void put(detail);
            if (charts.name !== service.name) {
            charts.forEach((one) => one.close());
            charts = [["Requests", ["rate"], perSecond], ["Share of errors", ["errorRate"], percent], ["Duration", ["p50", "p95", "p99"], duration]].map(([title, fields, write]) => ({ title, fields, write, ...chart({ label: `${title} of ${line(service.name, 60)}`, height: 150, select }) }));
            charts.name = service.name;
            charts.panels = charts.map((one) => panel(one.title, one.element));
            charts.routes = h("div");
            put(detail, h("h2.section-title", serviceName(service.name)), h("div.charts", charts.panels), charts.routes);
            }
            for (const one of charts) one.set({ from: past.from, to: past.from + steps * past.step, write: one.write, series: one.fields.map((field, index) => ({ name: field, className: one.fields.length === 1 ? (field === "errorRate" ? "s5" : colorClass(service.name)) : `s${[0, 3, 2][index]}`, points: points(service, field) })) });
            put(charts.routes, h("h2.section-title", "Routes"), table(`Routes of ${line(service.name, 60)}`, [["Route"], ["Requests", "end"], ["Errors", "end"], ...percentileColumns],
            [...service.routes].sort((a, b) => b.rate - a.rate).slice(0, 200).map((route) => h("tr",
            h("td", h("a.row-link", { href: address("traces", [], { ...range(), q: `service=${quoted(service.name)} name=${quoted(route.name)}` }) }, line(route.name || "unnamed", 160)), " ", h("span.faint", route.kind === 5 ? "consumer" : "")),
            h("td.end", perSecond(route.rate)), errorCell(route.errorRate), percentiles(route)))),
            service.routes.length > 200 && h("p.soft", `${number(service.routes.length - 200)} routes with fewer requests are not listed.`));
            }
            const stop = onChange(refresher(load, 3000));
            return {
            element: h("div", heading.element, content), title: () => "Services", ready: load(),
            update: () => { heading.draw(); load(); return true; },
            keys: [...listKeys(() => content.querySelectorAll(".row-link"), "service or route"), ["v", "Compare two runs", () => go(address("runs"))], ["c", "Conventions", () => go(address("conventions"))]],
            close: () => { stop(); charts.forEach((one) => one.close()); },
            };
            }

            """#)
}
