// alerts.js of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let alertsJS = PageFile(
        path: "/assets/alerts.js", contentType: "text/javascript; charset=utf-8",
        entityTag: "a7ab0b5fbadef3ac",
        text: #"""
            import { get, send } from "./api.js";
            import { focused, h, keyed, put } from "./dom.js";
            import { quoted } from "./filter.js";
            import { ago, compact, duration, line, moment, number, plural } from "./format.js";
            import { dialog, listKeys } from "./keys.js";
            import { onChange } from "./live.js";
            import { busy, chip, empty, head, problem, refresher, segments, table } from "./parts.js";
            import { address, change, parse } from "./router.js";
            const kinds = { firing: "error", pending: "warn", resolved: "", inactive: "" };
            const order = ["firing", "pending", "resolved"];
            const choices = [["", "Alerts"], ["rules", "Rules"], ["silences", "Silences"]];
            const nanoseconds = (text) => BigInt(Date.parse(text)) * 1000000n;
            const pairs = (labels) => Object.entries(labels);
            export function create({ signal }) {
            let data = null;
            let opened = "";
            const beside = h("span");
            const tabs = h("span");
            const content = h("div", busy());
            const list = h("ol.logs", { "aria-label": "Alerts" });
            async function load() {
            try {
            data = await get("/data/alerts", {}, signal);
            draw();
            } catch (error) {
            if (!data) put(content, problem(error, load));
            }
            }
            const time = () => BigInt(data.now) * 1000000n;
            const rules = () => data.groups.flatMap((group) => group.rules.map((rule) => ({ ...rule, group })));
            const mutedBy = (labels) => data.muted.find((one) => JSON.stringify(one.labels) === JSON.stringify(labels));
            function draw() {
            const shown = parse().query.get("show") ?? "";
            const alerts = rules().flatMap((rule) => (rule.alerts ?? []).map((alert) => ({ ...alert, rule, muted: mutedBy(alert.labels), id: JSON.stringify(alert.labels) })));
            alerts.sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || (a.activeAt < b.activeAt ? 1 : -1));
            const count = (state) => alerts.filter((alert) => alert.state === state).length;
            put(beside, `${number(count("firing"))} firing, ${number(count("pending"))} pending`);
            put(tabs, segments("What is shown", choices, shown, (show) => change({ show })));
            const isKept = content.firstChild === list && shown === "";
            const refocus = focused(content, "row");
            if (shown === "rules") put(content, ruleTables());
            else if (shown === "silences") put(content, silenceTable(), receivers());
            else if (data.groups.length === 0) put(content, empty("No rules", "ALERT_RULES names files with rules in the format of Prometheus; Deploy/alerts has some for each service."));
            else if (alerts.length === 0) put(content, empty("No alert is pending or firing", plural(rules().length, "rule") + " watched"));
            else {
            keyed(list, alerts.slice(0, 500).map((alert) => ({ ...alert, version: `${alert.state}${alert.value}${opened === alert.id}${alert.muted ? 1 : 0}${since(alert)}` })), (alert) => alert.id, row);
            if (!isKept) put(content, list, alerts.length > 500 && h("p.soft", `${number(alerts.length - 500)} more are not listed.`));
            }
            refocus();
            }
            const since = (alert) => ago(nanoseconds(alert.resolvedAt ?? alert.activeAt), time());
            function row(alert) {
            const isOpen = opened === alert.id;
            const others = pairs(alert.labels).filter(([name]) => name !== "alertname");
            return h("li.log", h("button.alert-row", { "aria-expanded": String(isOpen), onclick: () => { opened = isOpen ? "" : alert.id; draw(); } },
            chip(alert.state, kinds[alert.state]), h("b", line(alert.labels.alertname, 100)),
            h("span.alert-labels", others.map(([name, value]) => chip(`${line(name, 60)}=${line(value, 80)}`)), alert.muted && chip(alert.muted.silencedBy.length > 0 ? "silenced" : "inhibited", "accent")),
            h("span.mono", compact(Number(alert.value))), h("span.faint", since(alert))), isOpen && details(alert));
            }
            function details(alert) {
            const { service_name: named, service, job, trace_id: trace } = alert.labels;
            const name = named ?? service ?? job;
            const search = /log_count\(\s*("(?:[^"\\]|\\.)*")/.exec(alert.rule.query)?.[1];
            const facts = [["Since", moment(nanoseconds(alert.activeAt))], ["Value", alert.value], ["Rule", `${alert.rule.group.name} (${alert.rule.group.file})`], ...pairs(alert.annotations)];
            return h("div.log-more", h("dl.facts", facts.map(([key, value]) => h("div", h("dt", line(key, 80)), h("dd.value", line(value, 2000))))), h("p.mono", line(alert.rule.query, 2000)),
            h("div.notes", h("a.button", { href: address("metrics", [], { q: alert.rule.query }) }, "Query"), name && h("a.button", { href: address("traces", [], { q: `service=${quoted(name)}` }) }, "Traces"),
            name && h("a.button", { href: address("logs", [], { q: `service=${quoted(name)}` }) }, "Logs"), search && h("a.button", { href: address("logs", [], { q: unquoted(search) }) }, "Lines counted"),
            trace && h("a.button", { href: address("trace", [trace]) }, "Trace"), alert.state !== "resolved" && h("button.button", { onclick: () => silence(alert.labels) }, "Silence")));
            }
            const unquoted = (text) => { try { return JSON.parse(text); } catch { return text.slice(1, -1); } };
            function ruleTables() {
            if (data.groups.length === 0) return empty("No rules");
            return data.groups.map((group) => [h("h2.section-title", line(group.name, 120), h("span.faint", `every ${duration(group.interval * 1e9)}, ${line(group.file, 200)}`, group.missed > 0 && `, ${plural(group.missed, "evaluation")} missed`)),
            table(`Rules of ${line(group.name, 120)}`, [["Rule"], ["State"], ["Query", "wide"], ["Took", "end wide"]], group.rules.map((rule) => h("tr",
            h("td", h("a.row-link", { "data-row": `${group.name} ${rule.name}`, href: address("metrics", [], { q: rule.query }) }, line(rule.name, 120))),
            h("td", rule.lastError ? chip("error", "error", rule.lastError) : chip(rule.state ?? "recorded", kinds[rule.state] ?? ""), rule.lastError && h("div.bad", line(rule.lastError, 300))),
            h("td.mono.wide", line(rule.query, 240)), h("td.end.wide", duration(rule.evaluationTime * 1e9)))))]);
            }
            function silenceTable() {
            if (data.silences.length === 0) return empty("No silences", h("button.button", { onclick: () => silence({}) }, "New silence"));
            return table("Silences", [["Alerts"], ["State"], ["Ends", "wide"], ["Comment", "wide"], [h("span.unseen", "Actions")]], data.silences.slice(0, 200).map((one) => h("tr",
            h("td", one.matchers.map((m) => [chip(`${line(m.name, 60)}${m.isEqual ? (m.isRegex ? "=~" : "=") : m.isRegex ? "!~" : "!="}${line(m.value, 100)}`), " "])),
            h("td", chip(one.status.state, one.status.state === "active" ? "accent" : "")), h("td.wide", moment(nanoseconds(one.endsAt), 16)),
            h("td.wide", line(one.comment, 200), " ", h("span.faint", line(one.createdBy, 80))),
            h("td.end", one.status.state !== "expired" && h("button.button.row-link", { "data-row": one.id, "aria-label": "Expire the silence", onclick: () => expire(one.id) }, "Expire")))));
            }
            function receivers() {
            return [h("h2.section-title", "Receivers"), table("Receivers", [["Name"], ["Webhooks", "end wide"], ["Sent", "end"], ["Waiting", "end"], ["Failed", "end"], ["Last error", "wide"]], data.receivers.map((one) => h("tr",
            h("td", line(one.name, 120)), h("td.end.wide", number(one.webhooks)), h("td.end", number(one.sent)), h("td.end", number(one.waiting)), h("td", { class: `end ${one.failed > 0 ? "bad" : ""}` }, number(one.failed)), h("td.wide", line(one.lastError ?? "", 200)))))];
            }
            async function expire(id) {
            try { await send("DELETE", `/api/v2/silence/${encodeURIComponent(id)}`); } catch (error) { dialog("The silence goes on", h("p.bad", line(error.message, 300))); }
            load();
            }
            function silence(labels) {
            const field = (says, props) => { const input = h("input", { type: "text", "aria-label": says, ...props }); return [h("label.find", h("span.faint", says), input), input]; };
            const [matchBox, match] = field("Alerts", { value: pairs(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(", "), placeholder: "alertname=\"HighErrorRate\"", required: true });
            const [whoBox, who] = field("By", { value: "console", maxlength: 100 });
            const [whyBox, why] = field("Comment", { maxlength: 1000 });
            const hours = h("select.select", { "aria-label": "For how long" }, [[1, "1 hour"], [4, "4 hours"], [24, "1 day"], [168, "1 week"]].map(([value, says]) => h("option", { value }, says)));
            const trouble = h("p.bad", { role: "alert" });
            const form = h("form.silence", { onsubmit: async (event) => {
            event.preventDefault();
            try {
            const now = Number(data.now);
            await send("POST", "/api/v2/silences", { matchers: matchers(match.value), startsAt: new Date(now).toISOString(), endsAt: new Date(now + hours.value * 3600000).toISOString(), createdBy: who.value, comment: why.value });
            shown.close();
            load();
            } catch (error) { put(trouble, line(error.message, 300)); }
            } }, matchBox, whoBox, whyBox, hours, h("button.button.main", "Silence"), trouble);
            const shown = dialog("New silence", form);
            match.focus();
            }
            const reload = refresher(load, 2000);
            const stop = onChange(reload);
            const timer = setInterval(reload, 5000);
            return {
            element: h("div", head("Alerts", beside, tabs, h("button.button", { onclick: () => data && silence({}) }, "New silence")), content), title: () => "Alerts", ready: load(),
            update: () => { if (data) draw(); return true; },
            keys: [...listKeys(() => content.querySelectorAll(".alert-row,.row-link"), "alert"), ["Enter", "Open or close the alert", () => false],
            ["a", "Alerts", () => change({ show: "" })], ["r", "Rules", () => change({ show: "rules" })], ["i", "Silences", () => change({ show: "silences" })], ["n", "New silence", () => { if (data) silence({}); }]],
            close: () => { stop(); clearInterval(timer); },
            };
            }
            export function matchers(text) {
            const found = [];
            const one = /\s*([a-zA-Z_][\w]*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|[^,"]*)\s*(,|$)/y;
            while (one.lastIndex < text.length) {
            const part = one.exec(text);
            if (!part) throw new Error("Write matchers such as severity=\"critical\", job=~\"shop.*\".");
            const value = part[3].startsWith("\"") ? JSON.parse(part[3]) : part[3].trim();
            found.push({ name: part[1], value, isRegex: part[2].endsWith("~"), isEqual: !part[2].startsWith("!") });
            }
            return found;
            }

            """#)
}
