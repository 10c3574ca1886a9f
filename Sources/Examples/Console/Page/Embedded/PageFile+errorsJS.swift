// errors.js of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let errorsJS = PageFile(
        path: "/assets/errors.js", contentType: "text/javascript; charset=utf-8",
        entityTag: "98277053ce37281b",
        text: #"""
            import { get, now, send } from "./api.js";
            import { spark } from "./chart.js";
            import { assign } from "./colors.js";
            import { focused, h, put } from "./dom.js";
            import { ago, integer, line, moment, number, plural, visible } from "./format.js";
            import { dialog, listKeys } from "./keys.js";
            import { onChange } from "./live.js";
            import { busy, chip, copyButton, empty, head, longText, panel, problem, refresher, segments, serviceName, table } from "./parts.js";
            import { address, change, go, parse } from "./router.js";
            const states = { unresolved: "error", regressed: "error", resolved: "accent", ignored: "" };
            const choices = [["unresolved", "Unresolved"], ["resolved", "Resolved"], ["ignored", "Ignored"], ["all", "All"]];
            const sorts = [["last", "Newest"], ["first", "First seen"], ["count", "Most frequent"], ["users", "Most users"]];
            const since = (text) => ago(integer(text) ?? 0n, now());
            const users = (error) => `${number(error.users)}${error.hasMoreUsers ? "+" : ""}`;
            export function create(options) { return options.route.parts[0] ? detail(options) : list(options); }
            function list({ signal }) {
            let last = null;
            const content = h("div", busy());
            const controls = h("div.head-controls");
            const find = h("input", { type: "search", placeholder: "Find an error", "aria-label": "Find an error", "data-search": true, value: parse().query.get("q") ?? "", onchange: () => change({ q: find.value.trim() }) });
            async function load() {
            const { query } = parse();
            const [status, sort] = [query.get("status") ?? "unresolved", query.get("sort") ?? "last"];
            put(controls, segments("Status", choices, status, (value) => change({ status: value === "unresolved" ? "" : value })),
            h("select.select", { "aria-label": "Order", onchange: (event) => change({ sort: event.target.value }) }, sorts.map(([value, says]) => h("option", { value, selected: value === sort }, says))));
            try {
            last = await get("/data/errors", { status: status === "all" ? "" : status, sort, q: query.get("q") ?? "" }, signal);
            assign(last.errors.map((error) => error.service));
            draw(status);
            } catch (error) {
            if (!last) put(content, problem(error, load));
            }
            }
            function draw(status) {
            if (last.errors.length === 0) return void put(content, empty(last.received + last.total === 0 ? "No errors" : `No ${status === "all" ? "" : `${status} `}errors`, "Exceptions of spans and log records come here, and what Sentry's SDKs send to http://key@this-host/1."));
            const refocus = focused(content, "error");
            put(content, table("Errors", [["Error"], ["Last day", "wide"], ["Seen", "end"], ["Users", "end wide"], ["Last", "end"]], last.errors.map((error) => h("tr",
            h("td", h("a.row-link.error-title", { "data-error": error.id, href: address("errors", [error.id]) }, h("b", line(error.type || "Error", 120)), " ", h("span.soft", line(error.message, 200))),
            h("div.notes", serviceName(error.service), error.frame && h("span.mono", line(error.frame, 80)), error.status !== "unresolved" && chip(error.status, states[error.status]), error.feedback > 0 && chip(plural(error.feedback, "report")))),
            h("td.wide.s5", spark(error.history)), h("td.end", number(error.count)), h("td.end.wide", users(error)), h("td.end", since(error.lastSeen))))),
            last.total > last.errors.length && h("p.soft", `${number(last.total - last.errors.length)} more are not listed.`), last.evicted > 0 && h("p.soft", `${plural(last.evicted, "error")} made room for newer ones.`));
            refocus();
            }
            const stop = onChange(refresher(load, 2000));
            return {
            element: h("div", head("Errors", h("label.find", find), controls), content), title: () => "Errors", ready: load(),
            update: (route) => { if (route.parts[0]) return false; load(); return true; },
            keys: [...listKeys(() => content.querySelectorAll(".row-link"), "error"), ["a", "All, or unresolved", () => change({ status: parse().query.get("status") === "all" ? "" : "all" })]], close: stop,
            };
            }
            function detail({ route, signal }) {
            const [id] = route.parts;
            let error = null;
            let changes = 0;
            const content = h("div", busy());
            async function load() {
            const before = changes;
            try {
            const found = await get(`/data/errors/${encodeURIComponent(id)}`, {}, signal);
            if (before !== changes) return;
            error = found;
            assign([error.service]);
            draw();
            } catch (problemOf) {
            if (!error) put(content, problem(problemOf, load));
            }
            }
            async function set(status) {
            changes += 1;
            try {
            error = JSON.parse(await send("POST", `/data/errors/${encodeURIComponent(id)}`, { status }));
            changes += 1;
            draw();
            } catch (failure) { dialog("The status stays", h("p.bad", line(failure.message, 300))); }
            }
            const toggle = (status) => () => { if (error) set(error.status === status ? "unresolved" : status); };
            const fact = (name, ...value) => [h("dt", name), h("dd", value)];
            const parts = (title, counts) => panel(title, h("dl.figures", counts.map((one) => fact(line(one.name || "unknown", 80), number(one.count)))));
            function draw() {
            const [newest] = error.samples;
            put(content,
            h("div.head", h("h1.breaks", line(error.type || "Error", 200)), h("div.head-beside", chip(error.status, states[error.status]), serviceName(error.service)),
            h("div.head-controls", h("button.button.main", { onclick: toggle("resolved") }, error.status === "resolved" ? "Reopen" : "Resolve"), h("button.button", { onclick: toggle("ignored") }, error.status === "ignored" ? "Watch" : "Ignore"))),
            h("div.detail-message", longText(error.message, 600)),
            h("div.cards",
            panel("Seen", h("div", h("span.big", number(error.count)), h("span.soft", ` by ${users(error)} users`)), h("div.s5", spark(error.history)), h("dl.figures", fact("First", since(error.firstSeen)), fact("Last", since(error.lastSeen)), error.regressions > 0 && fact("Came back", plural(error.regressions, "time")))),
            parts("Releases", error.releases), parts("Environments", error.environments)),
            error.reports.length > 0 && [h("h2.section-title", "What people say"), error.reports.map((one) => panel(h("span", line(one.name || "Somebody", 80), " ", h("span.faint", line(one.email, 80), " ", since(one.time))), longText(one.message)))],
            newest?.stack && [h("h2.section-title", "Newest stack", copyButton(newest.stack)), h("div.panel", h("pre.stack", { tabindex: "0" }, visible(newest.stack)))],
            h("h2.section-title", `Newest ${number(error.samples.length)}`),
            error.samples.map((one) => panel(h("span", moment(integer(one.time) ?? 0n, 23)),
            h("div.notes", one.traceId && h("a.button.row-link", { href: address("trace", [one.traceId], { span: one.spanId }) }, "Trace"), one.place && h("span", line(one.place, 120)), one.release && chip(line(one.release, 60)), one.environment && chip(line(one.environment, 60)), one.user && h("span", `user ${line(one.user, 80)}`), one.handled === false && chip("unhandled", "error"), h("span.mono", line(one.eventId, 40))),
            h("p.value", line(one.message, 600)), h("dl.facts", Object.entries(one.contexts).map(([name, value]) => h("div", h("dt", line(name, 120)), h("dd.value", line(value, 512))))))));
            }
            const stop = onChange(refresher(load, 3000));
            return {
            element: content, title: () => (error ? line(error.type || "Error", 80) : "Error"), ready: load(), update: (next) => next.parts[0] === id, close: stop,
            keys: [...listKeys(() => content.querySelectorAll(".row-link"), "trace"), ["r", "Resolve or reopen", toggle("resolved")], ["i", "Ignore or watch", toggle("ignored")]],
            back: () => go(address("errors")),
            };
            }

            """#)
}
