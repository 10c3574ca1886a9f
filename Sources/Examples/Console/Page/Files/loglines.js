// Lines of logs: short ones beside spans, and rows that open in lists.

import { h, icon, put } from "./dom.js";
import { clock, integer, level, line, number, signed, timestamp } from "./format.js";
import { pairs } from "./pairs.js";
import { chip, copyButton, longText, serviceName } from "./parts.js";
import { address } from "./router.js";
import { plain, json, text } from "./values.js";

/** Reads a record of the server. */
export function prepared(log) {
  const body = log.body ? text(log.body) : "";
  return { ...log, ns: integer(log.time) || integer(log.observed) || 0n, level: level(log.severity), body, value: log.body };
}

/** One line beside a span, with its time since the span's start. */
export function logLine(log, start) {
  const at = Number(log.ns - start);
  return h("div", { class: `log-line level-${log.level}` }, h("span.log-level", log.level), h("span.value", line(log.body || log.event, 1000)), h("span.faint", signed(at)));
}

/** One row of a list, which opens to show all that the record carries. */
export function logRow(log, resources, showsTrace = true) {
  const more = h("div.log-more", { hidden: true });
  const button = h("button.log-row", {
    "aria-expanded": "false",
    onclick: () => {
      more.hidden = !more.hidden;
      button.setAttribute("aria-expanded", !more.hidden);
      if (!more.hasChildNodes()) fill(more, log, resources);
    },
  }, icon("right"), h("span.faint", { title: timestamp(log.ns) }, clock(log.ns)), h("span.log-level", log.level),
    serviceName(log.service), h("span.log-body", log.event && chip(line(log.event, 60)), log.event && " ", line(log.body, 500)));
  const trace = showsTrace && log.traceId && h("a.log-trace", { "aria-label": "Open the trace of this line", href: address("trace", [log.traceId], { span: log.spanId }) }, line(log.traceId.slice(0, 8), 8));
  return h("li", { class: `log level-${log.level}` }, h("div.log-line-row", button, trace), more);
}

function fill(more, log, resources) {
  const isStructured = log.value && ("kvlistValue" in log.value || "arrayValue" in log.value);
  const attributes = resources?.[log.resource]?.attributes ?? [];
  put(more,
    h("pre.value", longText(isStructured ? json(plain(log.value)) : log.body)),
    h("div.controls", copyButton(log.body, "Copy the line"), chip(timestamp(log.ns)), chip(`${line(log.severityText || log.level, 30)}, ${number(log.severity)}`), log.scope && chip(line(log.scope, 80)),
      log.traceId && h("a.linked", { href: address("trace", [log.traceId], { span: log.spanId }) }, "Open its trace")),
    log.attributes.length > 0 && h("div", h("h3", "Attributes"), pairs(log.attributes, false)),
    attributes.length > 0 && h("details", h("summary.soft", `Resource (${number(attributes.length)})`), pairs(attributes, false)));
}
