// The keyboard: keys of the page and of the view, the list of them, and walking through lists.

import { h, icon } from "./dom.js";

const page = [];
let view = [];
let prefix = "";
let prefixTimer = 0;

/** Adds keys that work in every view: `["g t", "Traces", run]`, where `run` returns false to leave the key to the browser. */
export function addKeys(...bindings) { page.push(...bindings); }

/** Sets the keys of the present view. */
export function setViewKeys(bindings) { view = bindings; }

const isTyping = (element) => element?.matches?.("input,textarea,select,[contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (document.querySelector("dialog[open]")) return;
  if (isTyping(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const typed = prefix ? `${prefix} ${event.key}` : event.key;
  const bindings = [...view, ...page];
  const found = bindings.find(([keys]) => keys.split(", ").includes(typed));
  clearTimeout(prefixTimer);
  prefix = "";
  if (found) {
    // A link or button that has the focus keeps its own Enter and space.
    if ((event.key === "Enter" || event.key === " ") && event.target.closest?.("a,button,summary")) return;
    if (found[2](event) !== false) event.preventDefault();
  } else if (bindings.some(([keys]) => keys.startsWith(`${typed} `))) {
    prefix = typed;
    prefixTimer = setTimeout(() => { prefix = ""; }, 1200);
  }
});

/** Shows all keys in a dialog. */
export function showKeys() {
  const group = (title, bindings) => bindings.length > 0 && h("section", h("h3", title),
    h("dl.keys", bindings.map(([keys, says]) => [
      h("dt", keys.split(", ").map((either) => h("span", either.split(" ").map((key) => h("kbd", names[key] ?? key))))), h("dd", says),
    ])));
  dialog("Keys", group("In this view", view), group("Everywhere", page));
}

const names = { ArrowDown: "↓", ArrowUp: "↑", ArrowLeft: "←", ArrowRight: "→", Escape: "Esc" };

/** Opens a modal dialog that Escape, its button and a click beside it close. */
export function dialog(title, ...content) {
  const element = h("dialog.dialog", { "aria-labelledby": "dialog-title" },
    h("header", h("h2", { id: "dialog-title" }, title),
      h("button.icon-button", { "aria-label": "Close", onclick: () => element.close() }, icon("close"))),
    h("div.dialog-body", content));
  element.addEventListener("close", () => element.remove());
  element.addEventListener("click", (event) => { if (event.target === element) element.close(); });
  document.body.append(element);
  element.showModal();
  return element;
}

/** The keys that move the focus through the links of a list. */
export function listKeys(items, says) {
  const move = (step) => {
    const all = [...items()];
    if (all.length === 0) return;
    const at = all.findIndex((item) => item === document.activeElement || item.contains(document.activeElement));
    const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + step))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };
  return [
    ["j, ArrowDown", `Next ${says}`, () => move(1)],
    ["k, ArrowUp", `Previous ${says}`, () => move(-1)],
  ];
}
