// parts.js of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let partsJS = PageFile(
        path: "/assets/parts.js", contentType: "text/javascript; charset=utf-8",
        entityTag: "7cc4f7fbacadaadd",
        text: #"""
            import { colorClass } from "./colors.js";
            import { h, icon, put } from "./dom.js";
            import { duration, line, visible } from "./format.js";
            import { change } from "./router.js";
            export const head = (title, beside, ...controls) =>
              h("div", { class: "head" }, h("h1", {}, title), h("div", { class: "head-beside" }, beside), h("div", { class: "head-controls" }, controls));
            export const serviceName = (name, extra) =>
              h("span", { class: `service ${colorClass(name)}` }, h("i", { class: "dot", "aria-hidden": "true" }), h("span", { class: "service-name" }, line(name || "unknown service", 80)), extra);
            export const chip = (text, kind = "", title = "") => h("span", { class: `chip ${kind}`, title: title || null }, text);
            export const empty = (title, ...more) => h("div", { class: "empty" }, h("p", { class: "empty-title" }, title), more.map((item) => h("div", {}, item)));
            export const nothing = (title, params = { q: "", from: "", to: "" }) => empty(title, h("button", { class: "button", onclick: () => change(params) }, "Show everything kept"));
            export const percentiles = (figures, more = () => null) => ["p50", "p95", "p99"].map((name) => h("td", { class: name === "p95" ? "end" : "end wide" }, duration(Number(figures[name])), more(name)));
            export const problem = (error, again) =>
              h("div", { class: "empty", role: "alert" }, h("p", { class: "empty-title" }, line(error.message, 500)), again && h("button", { class: "button", onclick: again }, "Try again"));
            export const busy = () => h("div", { class: "busy", role: "status" }, h("span", { class: "unseen" }, "Loading"));
            export function copyButton(content, says = "Copy") {
              const button = h("button", {
                class: "icon-button small", "aria-label": says, title: says,
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
              const area = h("textarea", { class: "unseen", value: text });
              document.body.append(area);
              area.select();
              const isCopied = document.execCommand("copy");
              area.remove();
              return isCopied;
            }
            const shownLength = 2000;
            export function longText(content, limit = shownLength) {
              const text = String(content);
              if (text.length <= limit) return h("span", { class: "value" }, visible(text));
              const body = h("span", { class: "value" }, `${visible(text.slice(0, limit))}…`);
              const more = h("button", {
                class: "text-button",
                onclick: () => {
                  body.classList.add("whole");
                  body.setAttribute("tabindex", "0");
                  body.textContent = visible(text);
                  more.remove();
                },
              }, `Show all ${text.length.toLocaleString("en")} characters`);
              return h("span", {}, body, more);
            }
            export const segments = (label, choices, chosen, choose) =>
              h("div", { class: "segments", role: "group", "aria-label": label }, choices.map(([value, says, key]) =>
                h("button", { "aria-pressed": String(value === chosen), "data-value": value, title: key ? `${says} (${key})` : null, onclick: () => choose(value) }, says)));
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
