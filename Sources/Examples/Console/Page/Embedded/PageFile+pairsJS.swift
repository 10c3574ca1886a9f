// pairs.js of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let pairsJS = PageFile(
        path: "/assets/pairs.js", contentType: "text/javascript; charset=utf-8",
        entityTag: "4eb52952062c8773",
        text: #"""
            import { h, icon } from "./dom.js";
            import { quoted } from "./filter.js";
            import { line, number } from "./format.js";
            import { copyButton, longText } from "./parts.js";
            import { address } from "./router.js";
            import { text, typeName } from "./values.js";
            export function pairs(attributes, searches = true) {
            const sorted = [...attributes].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
            return h("dl.pairs", sorted.slice(0, 500).map(({ key, value }) => {
            const content = text(value);
            return h("div.pair", h("dt", { title: typeName(value) }, line(key, 200).split(/(?<=[._])/).flatMap((part) => [part, h("wbr")])), h("dd", longText(content, 600)),
            h("dd.pair-tools", copyButton(content, `Copy ${line(key, 60)}`),
            searches && content.length <= 200 && /^[\w.\-/:]+$/.test(key) && h("a.icon-button.small", { "aria-label": `Traces with this ${line(key, 60)}`, title: "Traces with this value", href: address("traces", [], { q: `${key}=${quoted(content)}` }) }, icon("search"))));
            }), sorted.length > 500 && h("p.soft", `${number(sorted.length - 500)} more are in the download.`));
            }

            """#)
}
