// detail.js of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let detailJS = PageFile(
        path: "/assets/detail.js", contentType: "text/javascript; charset=utf-8",
        entityTag: "4ef035c5f5d77ccb",
        text: #"""
            import { colorClass } from "./colors.js";
            import { h, icon, put } from "./dom.js";
            import { duration, integer, kinds, line, number, signed, timestamp } from "./format.js";
            import { logLine } from "./loglines.js";
            import { pairs } from "./pairs.js";
            import { chip, copyButton, longText, serviceName } from "./parts.js";
            import { address } from "./router.js";
            import { selfTime } from "./tracemodel.js";
            export function detailPanel({ close, pick }) {
            const element = h("aside.detail", { "aria-label": "Details of the span", tabindex: "-1", hidden: true });
            function show(trace, span, lines) {
            const { raw } = span;
            const resource = trace.data.resources[raw.resource];
            const scope = trace.data.scopes[raw.scope];
            const start = integer(raw.start) ?? 0n;
            element.className = `detail ${colorClass(span.service)}`;
            put(element,
            h("header",
            h("div.detail-top", h("h2", line(span.name || "unnamed", 400)),
            h("div.head-controls", copyButton(() => JSON.stringify(raw, null, 2), "Copy the span as JSON"),
            h("button.icon-button.small", { "aria-label": "Close the details", onclick: close }, icon("close")))),
            h("div.trace-facts", serviceName(span.service), chip(kinds[span.kind] ?? `kind ${line(span.kind, 20)}`),
            span.isError ? chip("error", "error") : raw.status === 1 && chip("ok"), span.isOpen && chip("open", "accent"), span.skew !== 0 && chip("clock skew", "warn"), span.isOrphan && chip("parent missing", "warn")),
            raw.message && h("div.detail-message", longText(raw.message, 600))),
            h("section", { "aria-label": "Times" }, h("dl.facts",
            fact("Duration", span.isOpen ? "not ended yet" : duration(span.end - span.start)), fact("Itself", span.isOpen ? "–" : duration(selfTime(span))),
            fact("Begins after", duration(span.start)), fact("Children", number(span.children.length)),
            fact("Start", timestamp(start)), fact("Span id", h("span.mono", line(raw.spanId, 40)), copyButton(raw.spanId, "Copy the span id"))),
            span.skew !== 0 && h("p.soft", span.skew < 0 ? `It begins ${duration(-span.skew)} before its caller: the clocks of the two machines differ.` : `It ends ${duration(span.skew)} after its caller had the answer: the clocks of the two machines differ.`)),
            section("Attributes", raw.attributes, raw.droppedAttributes, true),
            events(trace, span),
            links(trace, raw.links ?? []),
            lines.length > 0 && h("section", h("h3", `Log lines (${number(lines.length)})`), lines.slice(0, 200).map((log) => logLine(log, start)),
            h("a.linked", { href: address("logs", [], { q: `trace=${trace.data.traceId}` }) }, "All of the trace, under Logs")),
            section("Resource", resource?.attributes, 0, true),
            scope && h("section", h("h3", "Scope"), h("p", h("span.mono", line(scope.name || "unnamed", 200)), " ", h("span.faint", line(scope.version ?? "", 60))), pairs(scope.attributes ?? [], false)),
            raw.traceState && h("section", h("h3", "Trace state"), longText(raw.traceState, 500)));
            element.hidden = false;
            element.scrollTop = 0;
            }
            function events(trace, span) {
            const list = span.raw.events ?? [];
            if (list.length === 0) return null;
            return h("section", h("h3", `Events (${number(list.length)})`), list.slice(0, 200).map((event) => {
            const at = Number((integer(event.time) ?? trace.zero) - trace.zero) - span.start;
            return h("div", { class: `event ${event.name === "exception" ? "error" : ""}` },
            h("div.event-head", h("b", line(event.name, 200)), h("span.faint", signed(at))), pairs(event.attributes ?? [], false));
            }), list.length > 200 && h("p.soft", `${number(list.length - 200)} more are in the download.`));
            }
            function links(trace, list) {
            if (list.length === 0) return null;
            return h("section", h("h3", `Links (${number(list.length)})`), list.slice(0, 200).map((link) => {
            const isHere = link.traceId === trace.data.traceId;
            return h("div.event",
            h("a.linked.mono", { "data-link": true, href: address("trace", [link.traceId], { span: link.spanId }), onclick: (event) => { if (isHere) { event.preventDefault(); pick(link.spanId); } } },
            isHere ? `Span ${line(link.spanId, 40)} of this trace` : `Trace ${line(link.traceId, 40)}`), pairs(link.attributes ?? [], false));
            }));
            }
            return { element, show, hide: () => { element.hidden = true; }, isOpen: () => !element.hidden };
            }
            const fact = (name, ...value) => h("div", h("dt", name), h("dd", value));
            function section(title, attributes, dropped, searches) {
            const list = attributes ?? [];
            if (list.length === 0 && !Number(dropped)) return null;
            return h("section", h("h3", h("span", `${title} (${number(list.length)})`), Number(dropped) > 0 && chip(`${number(dropped)} dropped`, "warn", "Dropped by the limits of the program that sent it")), pairs(list, searches));
            }

            """#)
}
