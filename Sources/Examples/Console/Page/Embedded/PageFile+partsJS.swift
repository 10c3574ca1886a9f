// parts.js of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let partsJS = PageFile(
        path: "/assets/parts.js", contentType: "text/javascript; charset=utf-8",
        entityTag: "ff350604ca28a219",
        text: #"""
            import { colorClass } from "./colors.js";
            import { h, icon, put } from "./dom.js";
            import { duration, line, number, percent, plural, visible } from "./format.js";
            import { change, written } from "./router.js";
            export const head = (title, beside, ...controls) =>
            h("div.head", h("h1", title), h("div.head-beside", beside), h("div.head-controls", controls));
            export const serviceName = (name, extra) =>
            h("span", { class: `service ${colorClass(name)}` }, h("i.dot", { "aria-hidden": "true" }), h("span.service-name", line(name || "unknown service", 80)), extra);
            export const chip = (text, kind = "", title = "") => h("span", { class: `chip ${kind}`, title: title || null }, text);
            export const empty = (title, ...more) => h("div.empty", h("p.empty-title", title), more.map((item) => h("div", item)));
            export const nothing = (title, params = { q: "", from: "", to: "" }) => empty(title, h("button.button", { onclick: () => change(params) }, "Show everything kept"));
            export const percentiles = (figures) => percentileColumns.map(([name, side]) => h("td", { class: side }, duration(figures[name])));
            export const percentileColumns = [["p50", "end wide"], ["p95", "end"], ["p99", "end wide"]];
            export const errorCell = (share) => h("td", { class: `end ${share > 0 ? "bad" : "faint"}` }, percent(share));
            export const panel = (title, ...content) => h("section.panel", h("header", h("h2", title)), h("div.panel-body", content));
            export const table = (label, columns, rows, kind = "") => h("div.table-frame", h(`table${kind}`, { "aria-label": label },
            h("thead", h("tr", columns.map(([title, side]) => h("th", { scope: "col", class: side }, title)))), h("tbody", rows)));
            export const found = (answer, one, q) => [h("span", `${plural(answer.matched, one)}${q ? " match" : ""}`), answer.isPartial && chip(`Searched ${number(answer.scanned)} in the time allowed; there may be more`, "warn")];
            export const older = (says, next, rows, most, load) => (rows.length >= most
            ? h("span.soft", `The newest ${number(most)} are listed; narrow the search to see others.`)
            : next && h("button.button", { onclick: load }, `Show older ${says}`));
            export const csvLink = (href) => h("a.button", { download: true, title: "Download as CSV", href }, "CSV");
            export const csvAddress = (path, params) => path + written({ ...params, format: "csv" });
            export const problem = (error, again) =>
            h("div.empty", { role: "alert" }, h("p.empty-title", line(error.message, 500)), again && h("button.button", { onclick: again }, "Try again"));
            export const busy = () => h("div.busy", { role: "status" }, h("span.unseen", "Loading"));
            export function copyButton(content, says = "Copy") {
            const button = h("button.icon-button.small", {
            "aria-label": says, title: says,
            onclick: async (event) => {
            event.stopPropagation();
            const isCopied = await copy(typeof content === "function" ? content() : content);
            put(button, icon(isCopied ? "check" : "close"));
            document.getElementById("announce").textContent = isCopied ? "Copied" : "The browser did not allow copying";
            setTimeout(() => put(button, icon("copy")), 1200);
            },
            }, icon("copy"));
            return button;
            }
            async function copy(text) {
            try { await navigator.clipboard.writeText(text); return true; } catch { /* Older browsers and plain HTTP know only the way below. */ }
            const area = h("textarea.unseen", { value: text });
            document.body.append(area);
            area.select();
            const isCopied = document.execCommand("copy");
            area.remove();
            return isCopied;
            }
            const shownLength = 2000;
            export function longText(content, limit = shownLength) {
            const text = String(content);
            if (text.length <= limit) return h("span.value", visible(text));
            const body = h("span.value", `${visible(text.slice(0, limit))}…`);
            const more = h("button.text-button", {
            onclick: () => {
            body.classList.add("whole");
            body.setAttribute("tabindex", "0");
            body.textContent = visible(text);
            more.remove();
            },
            }, `Show all ${text.length.toLocaleString("en")} characters`);
            return h("span", body, more);
            }
            export const segments = (label, choices, chosen, choose) =>
            h("div.segments", { role: "group", "aria-label": label }, choices.map(([value, says, key]) =>
            h("button", { "aria-pressed": String(value === chosen), title: key ? `${says} (${key})` : null, onclick: () => choose(value) }, says)));
            export function refresher(task, pause = 0) {
            let isRunning = false;
            let isDue = false;
            return async function run() {
            if (isRunning) { isDue = true; return; }
            isRunning = true;
            const start = performance.now();
            try { await task(); } finally {
            setTimeout(() => {
            isRunning = false;
            if (isDue) { isDue = false; run(); }
            }, Math.min(10000, Math.max(pause, 3 * (performance.now() - start))));
            }
            };
            }
            export function framed(draw) {
            let handle = 0;
            return () => { handle ||= requestAnimationFrame(() => { handle = 0; draw(); }); };
            }

            """#)
}
