// conventions.js of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let conventionsJS = PageFile(
        path: "/assets/conventions.js", contentType: "text/javascript; charset=utf-8",
        entityTag: "3bad5b3f2145a3c9",
        text: #"""
            import { get, send } from "./api.js";
            import { assign } from "./colors.js";
            import { focused, h, put } from "./dom.js";
            import { line, number, plural } from "./format.js";
            import { listKeys } from "./keys.js";
            import { onChange } from "./live.js";
            import { busy, chip, empty, head, problem, refresher, segments, serviceName, table } from "./parts.js";
            import { address, change, go, parse } from "./router.js";
            const levels = [["violation", "Violations", "error"], ["improvement", "Improvements", "warn"], ["information", "Information", ""]];
            const shown = 200;
            export function create({ signal }) {
            let answer = null;
            const content = h("div", busy());
            const controls = h("div.head-controls");
            async function load() {
            const level = parse().query.get("level") ?? "violation";
            put(controls, segments("Level", levels, level, (value) => change({ level: value === "violation" ? "" : value })));
            try {
            answer = await get("/data/conventions", { level }, signal);
            assign(answer.services.map((service) => service.service));
            draw(levels.find(([name]) => name === level) ?? levels[0]);
            } catch (error) {
            if (!answer) put(content, problem(error, load));
            }
            }
            async function forget() { await send("DELETE", "/data/conventions"); load(); }
            function draw([, title, kind]) {
            const refocus = focused(content, "service");
            const skipped = Number(answer.skippedRequests) + Number(answer.skippedItems);
            const found = answer.services.filter((service) => service.findings.length > 0);
            put(content,
            h("div.head", h("span.soft", `Held against ${line(answer.schemaUrl.split("://").pop(), 80)}`, skipped > 0 && `; ${number(skipped)} requests and items came too fast`), h("div.head-controls", h("button.button", { onclick: forget, title: "Forgets what was found, to see what still comes" }, "Start again"))),
            answer.services.length === 0 && empty("Nothing was checked yet"),
            answer.services.length > 0 && table("Services", [["Service"], ["Checked", "end wide"], ["Violations", "end"], ["Improvements", "end"], ["Information", "end wide"]], answer.services.map((one) => h("tr",
            h("td", h("a.row-link", { "data-service": one.service, href: address("conventions", [], { level: parse().query.get("level") ?? "" }), onclick: (event) => { event.preventDefault(); document.getElementById(`of-${one.service}`)?.scrollIntoView({ block: "start" }); } }, serviceName(one.service))),
            h("td.end.wide", number(Number(one.checked.spans) + Number(one.checked.metrics) + Number(one.checked.logs))),
            ["violations", "improvements", "informations"].map((name, at) => h("td", { class: `end ${at === 2 ? "wide " : ""}${at === 0 && one[name] > 0 ? "bad" : one[name] > 0 ? "" : "faint"}` }, number(one[name])))))),
            answer.services.length > 0 && found.length === 0 && h("p.soft", `No ${title.toLowerCase()}.`),
            found.map((one) => [h("h2.section-title", { id: `of-${one.service}` }, serviceName(one.service)),
            table(`${title} of ${line(one.service, 60)}`, [["Finding"], ["Where", "wide"], ["Seen", "end"]], one.findings.slice(0, shown).map((finding) => h("tr",
            h("td", h("div.notes", h("b.mono", line(finding.subject, 120)), chip(line(finding.rule, 60), kind)), h("div.soft", line(finding.message, 240))),
            h("td.wide", h("div.notes", h("span.faint", line(finding.signal.replace("_", " "), 20)), finding.names.slice(0, 3).map((name) => place(finding, name)), finding.traceId && h("a.linked", { href: address("trace", [finding.traceId]) }, "a trace"))),
            h("td.end", number(finding.count))))),
            one.findings.length > shown && h("p.soft", `${number(one.findings.length - shown)} more are not listed.`)]),
            Number(answer.leftOut) > 0 && h("p.soft", `${plural(Number(answer.leftOut), "finding")} beyond what is kept were counted only.`));
            refocus();
            }
            const place = (finding, name) => (finding.signal === "metric" ? h("a.linked", { href: address("metrics", [], { name }) }, line(name, 80)) : h("span", line(name, 80)));
            const stop = onChange(refresher(load, 3000));
            return {
            element: h("div", head("Conventions", null, controls), content), title: () => "Conventions", ready: load(), update: () => { load(); return true; },
            keys: [...listKeys(() => content.querySelectorAll(".row-link"), "service"), ["n", "Next level", () => change({ level: levels[(levels.findIndex(([name]) => name === (parse().query.get("level") ?? "violation")) + 1) % 3][0] })]],
            back: () => go(address("services")), close: stop,
            };
            }

            """#)
}
