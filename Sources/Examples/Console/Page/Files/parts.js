// Small parts that several views use.

import { colorClass } from "./colors.js";
import { h, icon, put } from "./dom.js";
import { duration, line, number, percent, plural, visible } from "./format.js";
import { change, written } from "./router.js";

/** The head of a view: title, what stands beside it, and controls at its end. */
export const head = (title, beside, ...controls) =>
  h("div.head", h("h1", title), h("div.head-beside", beside), h("div.head-controls", controls));

export const serviceName = (name, extra) =>
  h("span", { class: `service ${colorClass(name)}` }, h("i.dot", { "aria-hidden": "true" }), h("span.service-name", line(name || "unknown service", 80)), extra);

/** A few words in a frame. */
export const chip = (text, kind = "", title = "") => h("span", { class: `chip ${kind}`, title: title || null }, text);

export const empty = (title, ...more) => h("div.empty", h("p.empty-title", title), more.map((item) => h("div", item)));

/** What stands in place of a list with nothing in its range; `params` make it the whole one. */
export const nothing = (title, params = { q: "", from: "", to: "" }) => empty(title, h("button.button", { onclick: () => change(params) }, "Show everything kept"));

/** Cells with percentiles, of which a narrow page shows one. */
export const percentiles = (figures) => percentileColumns.map(([name, side]) => h("td", { class: side }, duration(figures[name])));
export const percentileColumns = [["p50", "end wide"], ["p95", "end"], ["p99", "end wide"]];
export const errorCell = (share) => h("td", { class: `end ${share > 0 ? "bad" : "faint"}` }, percent(share));

/** A frame with a title. */
export const panel = (title, ...content) => h("section.panel", h("header", h("h2", title)), h("div.panel-body", content));

/** A table; a column is its title with the class of its cells. */
export const table = (label, columns, rows, kind = "") => h("div.table-frame", h(`table${kind}`, { "aria-label": label },
  h("thead", h("tr", columns.map(([title, side]) => h("th", { scope: "col", class: side }, title)))), h("tbody", rows)));

/** How much a search has found. */
export const found = (answer, one, q) => [h("span", `${plural(answer.matched, one)}${q ? " match" : ""}`), answer.isPartial && chip(`Searched ${number(answer.scanned)} in the time allowed; there may be more`, "warn")];

/** The way to older items of a list, until it has as many as it shows at most. */
export const older = (says, next, rows, most, load) => (rows.length >= most
  ? h("span.soft", `The newest ${number(most)} are listed; narrow the search to see others.`)
  : next && h("button.button", { onclick: load }, `Show older ${says}`));

/** The way to a list as a table. */
export const csvLink = (href) => h("a.button", { download: true, title: "Download as CSV", href }, "CSV");
export const csvAddress = (path, params) => path + written({ ...params, format: "csv" });

/** What stands in place of a view that cannot be shown. */
export const problem = (error, again) =>
  h("div.empty", { role: "alert" }, h("p.empty-title", line(error.message, 500)), again && h("button.button", { onclick: again }, "Try again"));

export const busy = () => h("div.busy", { role: "status" }, h("span.unseen", "Loading"));

/** Copies a text and says so on the button. */
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

/** A value of any length: its beginning, and the rest on request, in a box that scrolls. */
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

/** Two or more choices of which one is on, as buttons in a row. */
export const segments = (label, choices, chosen, choose) =>
  h("div.segments", { role: "group", "aria-label": label }, choices.map(([value, says, key]) =>
    h("button", { "aria-pressed": String(value === chosen), title: key ? `${says} (${key})` : null, onclick: () => choose(value) }, says)));

/**
 * Runs a task again and again without two at once; `run` during a task has it run once more.
 *
 * Between two runs is three times as long a pause as the last one took, or the one given, so that a page that is open keeps a busy server free.
 */
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

/** Draws with the browser's next frame, however often it is asked to. */
export function framed(draw) {
  let handle = 0;
  return () => { handle ||= requestAnimationFrame(() => { handle = 0; draw(); }); };
}
