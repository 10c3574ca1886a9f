// filter.js of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let filterJS = PageFile(
        path: "/assets/filter.js", contentType: "text/javascript; charset=utf-8",
        entityTag: "b76994ac8147bc48",
        text: #"""
            import { get } from "./api.js";
            import { h, icon, put } from "./dom.js";
            import { compact, line } from "./format.js";
            import { dialog } from "./keys.js";
            const shared = [
            ["service:album-store", "records of a service"], ["http.route=\"/albums/:id\"", "an attribute of span, event, record or resource"],
            ["http.response.status_code>=500", "an attribute compared as a number"], ["url.path~albums", "an attribute that contains a text"],
            ["\"two words\"", "a text anywhere: names, bodies, values"], ["-service:auth", "not; NOT does the same"],
            ["(error OR duration>1s) kind=server", "terms side by side mean and; OR and parentheses"], ["trace=4bf92f3577b34da6a3ce929d0e0e4736", "one trace"],
            ];
            const fields = [["service:", "service"], ["scope=", "name of a scope"], ["trace=", "trace id"], ["run=", "a run of the store"]];
            const languages = {
            traces: {
            fields: [["name:", "operation"], ["kind=", "server, client, …"], ["status=", "ok, error"], ["error", "with an error"], ["duration>", "for instance 5ms"], ["event=", "name of an event"], ...fields],
            values: { kind: ["server", "client", "internal", "producer", "consumer"], status: ["error", "ok", "unset"], duration: ["1ms", "10ms", "100ms", "1s"] },
            examples: [["error", "traces with an error"], ["duration>5ms", "longer than that: ns us µs ms s m"], ["name:\"GET /albums\"", "name of a span"], ...shared],
            },
            logs: {
            fields: [["severity>=", "trace … fatal"], ["error", "errors, and lines with that word"], ["span=", "span id"], ...fields],
            values: { severity: ["warn", "error", "info", "debug", "trace", "fatal"] },
            examples: [["severity>=warn", "of this severity or worse"], ["timeout", "lines that contain a word"], ["time*", "words that begin so"], ...shared],
            },
            };
            const termPattern = /^(-?\(*)([^\s=!<>~:"()]*)(!=|>=|<=|[:=~<>])?(.*)$/s;
            export function termAt(text, caret) {
            let start = 0;
            let isQuoted = false;
            for (let index = 0; index < caret; index += 1) {
            if (text[index] === "\"") isQuoted = !isQuoted;
            else if (text[index] === " " && !isQuoted) start = index + 1;
            }
            const [, before, key, operator = "", value] = termPattern.exec(text.slice(start, caret));
            return { start, before, key, operator, value: value.replace(/^"|"$/g, "") };
            }
            export const quote = (value) => `"${String(value).replace(/[\\"]/g, "\\$&")}"`;
            export const quoted = (value) => (/^[\w.\-/:@]+$/.test(value) && !/^(OR|NOT)$/.test(value) ? value : quote(value));
            export function filterBox({ signal, value, placeholder, search }) {
            const language = languages[signal];
            const id = `filter-${signal}`;
            const input = h("input", {
            type: "text", value, placeholder, id, role: "combobox", "aria-label": `Search ${signal}`, "aria-expanded": "false", "aria-autocomplete": "list",
            "aria-controls": `${id}-menu`, autocomplete: "off", spellcheck: "false", autocapitalize: "off", "data-search": true, enterkeyhint: "search",
            });
            const menu = h("ul.menu", { id: `${id}-menu`, role: "listbox", "aria-label": "Completions", hidden: true });
            const trouble = h("div.search-error", { role: "alert", hidden: true });
            const clear = h("button.icon-button", { "aria-label": "Clear the search", hidden: !value, onclick: () => { input.value = ""; finish(); input.focus(); } }, icon("close"));
            const box = h("div.search", { role: "search" },
            h("div.search-box", icon("search"), input, clear,
            h("button.icon-button", { "aria-label": "How to search", onclick: help }, icon("keys"))), menu, trouble);
            let options = [];
            let chosen = -1;
            let turn = 0;
            async function suggest() {
            const mine = (turn += 1);
            const caret = input.selectionStart ?? input.value.length;
            const term = termAt(input.value, caret);
            const found = await completions(signal, language, term);
            if (mine !== turn || document.activeElement !== input) return;
            options = found.slice(0, 40);
            chosen = -1;
            draw();
            }
            function draw() {
            menu.hidden = options.length === 0;
            input.setAttribute("aria-expanded", !menu.hidden);
            if (chosen >= 0) input.setAttribute("aria-activedescendant", `${id}-${chosen}`);
            else input.removeAttribute("aria-activedescendant");
            put(menu, options.map((option, index) => h("li", {
            id: `${id}-${index}`, role: "option", "aria-selected": String(index === chosen),
            onmousedown: (event) => { event.preventDefault(); accept(option); },
            }, h("span.mono", line(option.text, 120)), h("small", option.says))));
            menu.children[chosen]?.scrollIntoView({ block: "nearest" });
            }
            function hide() { turn += 1; options = []; chosen = -1; draw(); }
            function accept(option) {
            const caret = input.selectionStart ?? input.value.length;
            const term = termAt(input.value, caret);
            const head = input.value.slice(0, term.start) + term.before + option.insert;
            const space = option.isWhole ? " " : "";
            input.value = head + space + input.value.slice(caret).replace(/^ /, "");
            input.setSelectionRange(head.length + space.length, head.length + space.length);
            hide();
            if (!option.isWhole) suggest();
            }
            function finish() {
            hide();
            clear.hidden = input.value === "";
            search(input.value.trim());
            }
            input.addEventListener("input", suggest);
            input.addEventListener("focus", () => { if (input.value === "" || input.value.endsWith(" ")) suggest(); });
            input.addEventListener("blur", hide);
            input.addEventListener("keydown", (event) => {
            const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
            if (step && options.length > 0) { chosen = (chosen + step + options.length + (chosen < 0 && step < 0 ? 1 : 0)) % options.length; draw(); }
            else if (step) suggest();
            else if ((event.key === "Enter" || event.key === "Tab") && chosen >= 0) accept(options[chosen]);
            else if (event.key === "Enter") finish();
            else if (event.key === "Escape" && options.length > 0) hide();
            else return;
            event.preventDefault();
            event.stopPropagation();
            });
            function help() {
            const open = dialog("How to search", h("div.help-list", language.examples.map(([example, says]) =>
            h("button", { onclick: () => { open.close(); input.value = `${input.value} ${example}`.trim(); input.focus(); } }, h("code", example), h("span.soft", says)))));
            }
            return {
            element: box,
            set: (text) => { if (document.activeElement !== input) { input.value = text; clear.hidden = text === ""; } },
            fail: (error) => {
            box.classList.toggle("wrong", Boolean(error));
            trouble.hidden = !error;
            if (!error) return;
            const at = Number.isInteger(error.at) ? Math.max(0, Math.min(error.at - 1, input.value.length)) : null;
            put(trouble, line(error.message, 400), at !== null && h("pre", line(input.value.slice(0, at), 2000), h("mark", input.value.slice(at, at + 1) || "\u2423"), line(input.value.slice(at + 1), 2000)));
            },
            };
            }
            async function completions(signal, language, term) {
            const fold = (text) => text.toLowerCase();
            try {
            if (!term.operator) {
            const fields = language.fields.filter(([field]) => fold(field).startsWith(fold(term.key)))
            .map(([field, says]) => ({ text: field, insert: field, says, isWhole: field === "error" }));
            const { values } = await get("/data/facets", { signal });
            const own = new Set(language.fields.map(([field]) => field.replace(/\W+$/, "")));
            const known = values.filter((item) => !own.has(item.value) && fold(item.value).includes(fold(term.key)))
            .map((item) => ({ text: item.value, insert: `${item.value}=`, says: `attribute, ${compact(Number(item.count))}×` }));
            return [...fields, ...known];
            }
            const fixed = language.values[term.key];
            const list = fixed ? fixed.map((value) => ({ value })) : (await get("/data/facets", { signal, key: term.key })).values ?? [];
            return list.filter((item) => fold(String(item.value)).includes(fold(term.value)))
            .map((item) => ({ text: String(item.value), insert: `${term.key}${term.operator}${quoted(String(item.value))}`, says: item.count ? `${compact(Number(item.count))}×` : "", isWhole: true }));
            } catch { return []; }
            }

            """#)
}
